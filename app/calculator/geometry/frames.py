"""The orientation in which a cloud of points needs the smallest box."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull, QhullError

Floats = npt.NDArray[np.float64]

PARALLEL = 1e-4
MOST_AXES = 10


def smallest_frame(points: Floats, axes: Floats) -> tuple[Floats, float]:
    """The rows of a rotation whose box around ``points`` is the smallest found, and that box's volume.

    Every candidate axis is tried as the upright one; around it the box rests on a side of the convex
    outline (Freeman and Shapira 1975, exact in the plane).
    """
    best, smallest = np.eye(3), float(np.ptp(points, axis=0).prod())
    for axis in _distinct(axes):
        frame, volume = _around(points, axis)
        if volume < smallest:
            best, smallest = frame, volume
    return best, smallest


def _distinct(axes: Floats) -> Floats:
    """The first few axes that are not parallel to an earlier one."""
    chosen: list[Floats] = []
    for axis in axes:
        length = float(np.linalg.norm(axis))
        if not length or len(chosen) == MOST_AXES:
            continue
        unit = axis / length
        if all(abs(float(unit @ other)) < 1 - PARALLEL for other in chosen):
            chosen.append(unit)
    return np.array(chosen).reshape(-1, 3)


def _around(points: Floats, axis: Floats) -> tuple[Floats, float]:
    helper = np.eye(3)[int(np.abs(axis).argmin())]
    first = np.cross(axis, helper)
    first /= np.linalg.norm(first)
    plane = np.stack((first, np.cross(axis, first)))
    flat = points @ plane.T
    outline = _outline(flat)
    sides = np.roll(outline, -1, axis=0) - outline
    lengths = np.linalg.norm(sides, axis=1)
    units = np.concatenate((sides[lengths > 0] / lengths[lengths > 0, None], [[1.0, 0.0]]))
    normals = np.stack((-units[:, 1], units[:, 0]), axis=1)
    areas = np.ptp(outline @ units.T, axis=0) * np.ptp(outline @ normals.T, axis=0)
    least = int(areas.argmin())
    frame = np.stack((units[least] @ plane, normals[least] @ plane, axis))
    return frame, float(areas[least] * np.ptp(points @ axis))


def _outline(flat: Floats) -> Floats:
    try:
        outline: Floats = flat[ConvexHull(flat).vertices]
    except QhullError:
        return np.array([flat.min(axis=0), flat.max(axis=0)])
    return outline
