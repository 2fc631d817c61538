"""Triangles as every reader of meshes hands them on: few enough, finite, near their origin."""

import numpy as np

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable
from app.calculator.geometry.box import Point
from app.calculator.geometry.part import Triangles
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.digits import Corners, Indices

_LARGEST = float(np.finfo(np.float32).max)


def check_count(count: int, limits: ReadLimits) -> None:
    """Raises ``CadInvalid`` for no triangles and ``CadTooComplex`` for too many."""
    if count == 0:
        raise CadInvalid("the file holds no triangles")
    if count > limits.max_triangles:
        message = f"{count} triangles are more than the {limits.max_triangles} this service measures"
        raise CadTooComplex(message)


def from_corners(corners: Corners) -> tuple[Triangles, Point]:
    """Triangles (n, 3, 3) relative to their first corner, and that corner."""
    origin = corners[0, 0].copy()
    return _single(corners - origin), _point(origin)


def from_indices(vertices: Corners, faces: Indices) -> tuple[Triangles, Point]:
    """Triangles whose corners are rows of ``vertices``, relative to the first of them, and that one."""
    origin = vertices[faces[0, 0]].copy()
    return placed(vertices, faces, origin), _point(origin)


def placed(vertices: Corners, faces: Indices, origin: Corners) -> Triangles:
    """Triangles whose corners are rows of ``vertices``, relative to ``origin``."""
    return _single(vertices - origin)[faces]


def _single(relative: Corners) -> Triangles:
    """Relative to a corner of the part, single precision loses nothing of a real part."""
    if not np.isfinite(relative).all():
        raise CadUnreadable("a coordinate is not a number")
    if float(np.abs(relative).max()) > _LARGEST:
        raise CadInvalid("a coordinate is too large")
    return relative.astype(np.float32)


def _point(origin: Corners) -> Point:
    return float(origin[0]), float(origin[1]), float(origin[2])
