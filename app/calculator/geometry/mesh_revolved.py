"""Balls and rings: the sphere or torus that a whole smooth region of a mesh lies on.

The normals of any surface of revolution meet its axis. Lines that meet one line make a linear complex, whose
axis is the least eigenvector of a matrix of six rows (Pottmann and Randrup 1998); no start is guessed.
"""

from dataclasses import replace

import numpy as np

from app.calculator.geometry.mesh_fit import (
    MOST_NOISES,
    SAGITTA_SHARE,
    Round,
    ring_about,
    sagitta_mm,
)
from app.calculator.geometry.mesh_hash import Floats

_NOTHING = 1e-12


def fitted_revolved(
    vertices: Floats, centres: Floats, normals: Floats, *, step: float, noise_mm: float
) -> Round | None:
    """The sphere or torus on which the vertices of the facets lie, or ``None``.

    ``step`` is the angle between neighbouring facets, as for ``fitted_round``.
    """
    middle = vertices.mean(axis=0)
    places = vertices - middle
    axis = _axis(centres - middle, normals)
    if axis is None:
        return None
    tolerance_mm = MOST_NOISES * noise_mm
    found = ring_about(places, replace(axis, tolerance_mm=tolerance_mm))
    if found is None:
        return None
    tolerance_mm = max(tolerance_mm, SAGITTA_SHARE * sagitta_mm(found.tube_mm, step))
    if np.abs(found.distances(places)).max() > tolerance_mm:
        return None
    return replace(found, origin=found.origin + middle, tolerance_mm=tolerance_mm)


def _axis(places: Floats, normals: Floats) -> Round | None:
    """The line that all normals meet, as a surface about it of no size."""
    size_mm = float(np.abs(places).max())
    if size_mm <= 0:
        return None
    moments = np.cross(places / size_mm, normals)
    lengths, directions = np.linalg.eigh(normals.T @ normals)
    if lengths[0] <= _NOTHING * lengths[2]:
        return None
    crossed = normals.T @ moments
    inverse = directions / lengths @ directions.T
    least = np.linalg.eigh(moments.T @ moments - crossed.T @ inverse @ crossed)[1][:, 0]
    foot = np.cross(least, -inverse @ crossed @ least)
    return Round("torus", foot * size_mm, least, 0.0, concave=False)
