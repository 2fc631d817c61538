"""The orientation in which a cloud of points needs the smallest box."""

import math

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
    plane = _across(axis)
    outline = _outline(points @ plane.T)
    sides = outline[np.arange(1 - len(outline), 1)] - outline
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    units = np.concatenate((sides[lengths > 0] / lengths[lengths > 0, None], [[1.0, 0.0]]))
    normals = units[:, ::-1] * (-1.0, 1.0)
    areas = np.ptp(outline @ units.T, axis=0) * np.ptp(outline @ normals.T, axis=0)
    least = int(areas.argmin())
    frame = np.array((units[least] @ plane, normals[least] @ plane, axis))
    return frame, float(areas[least] * np.ptp(points @ axis))


def _across(axis: Floats) -> Floats:
    """Two unit vectors, one above the other, that span the plane across the axis."""
    helper = [0.0, 0.0, 0.0]
    helper[int(np.abs(axis).argmin())] = 1.0
    upright = axis.tolist()
    first = _cross(upright, helper)
    length = math.hypot(*first)
    first = [part / length for part in first]
    return np.array((first, _cross(upright, first)))


def _cross(one: list[float], other: list[float]) -> list[float]:
    return [
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    ]


def _outline(flat: Floats) -> Floats:
    try:
        outline: Floats = flat[ConvexHull(flat).vertices]
    except QhullError:
        return np.array([flat.min(axis=0), flat.max(axis=0)])
    return outline
