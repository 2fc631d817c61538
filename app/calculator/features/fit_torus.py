"""Tori among free-form faces.

All normals of a surface of revolution meet its axis. In Pluecker coordinates that is linear in the axis
(Pottmann and Randrup 1998); the section of a torus along the axis is a circle, linear in centre and radius.
"""

import numpy as np

from app.calculator.features.surfaces import FULL_TURN, Floats, Surface
from app.calculator.features.tolerance import FIT_NORMALS

_LEAST_DIRECTION = 1e-6


def fitted_torus(points: Floats, normals: Floats, tolerance: float) -> Surface | None:
    """The torus on which the points lie with these outward normals, or ``None``.

    ``turn`` is the whole circle: what part of it the face covers is not told.
    """
    centre = points.mean(axis=0)
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    line = _axis((points - centre) / size, normals)
    if line is None:
        return None
    axis, foot = line[0], centre + size * line[1]
    arms = points - foot
    heights = arms @ axis
    rays = arms - heights[:, None] * axis
    away = np.linalg.norm(rays, axis=1)
    outwards = (normals * rays).sum(axis=1) / np.maximum(away, _LEAST_DIRECTION)
    unknowns = np.zeros((2 * len(points), 3))
    unknowns[0::2, 0], unknowns[1::2, 1] = 1.0, 1.0
    unknowns[0::2, 2], unknowns[1::2, 2] = outwards, normals @ axis
    wanted = np.stack((away, heights), axis=1).reshape(-1)
    found, *_ = np.linalg.lstsq(unknowns, wanted, rcond=None)
    ring, level, tube = found.tolist()
    if np.abs(unknowns @ found - wanted).max() > tolerance or ring <= 0 or abs(tube) > ring + size:
        return None
    first = rays[int(away.argmax())] / away.max()
    return Surface(
        kind="torus",
        outward=1.0 if tube > 0 else -1.0,
        origin=foot + level * axis,
        axis=axis,
        first=first,
        second=np.cross(axis, first),
        radius_mm=float(ring),
        tube_mm=abs(tube),
        turn=(0.0, FULL_TURN),
        along_mm=(-abs(tube), abs(tube)),
        fitted=True,
    )


def _axis(points: Floats, normals: Floats) -> tuple[Floats, Floats] | None:
    """Direction and a point of the line that all normals meet."""
    complex_ = np.concatenate((normals, np.cross(points, normals)), axis=1)
    _, sizes, rows = np.linalg.svd(complex_, full_matrices=False)
    if sizes[-1] > FIT_NORMALS * sizes[0]:
        return None
    moment, direction = rows[-1][:3], rows[-1][3:]
    length = float(np.linalg.norm(direction))
    if length < _LEAST_DIRECTION:
        return None
    axis, moment = direction / length, moment / length
    if abs(float(axis @ moment)) > FIT_NORMALS * max(1.0, float(np.linalg.norm(moment))):
        return None
    return axis, np.cross(axis, moment)
