"""The oriented box of a mesh: candidate frames from a sample, extents from every corner."""

import numpy as np

from app.calculator.analysis.mesh_sums import MeshSums, facet_normals
from app.calculator.geometry.box import Point
from app.calculator.geometry.frames import smallest_frame
from app.calculator.geometry.mesh_hash import BLOCK_TRIANGLES, Floats, planes_of
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.tolerance import BETTER_BOX_RATIO

SAMPLED_TRIANGLES = 600
_NORMAL_STEPS = 200


def oriented_extents(triangles: Triangles, sums: MeshSums) -> Point:
    """Extents of the smallest box found, longest first."""
    upright = sums.box
    stride = max(1, len(triangles) // SAMPLED_TRIANGLES)
    sample = triangles[::stride].astype(np.float64) - sums.origin
    frame, volume = smallest_frame(sample.reshape(-1, 3), _axes(sample))
    extents = upright.extents_mm
    limit_mm3 = BETTER_BOX_RATIO * upright.volume_mm3
    if volume < limit_mm3:
        extents = _extents_in(triangles, sums.origin, frame, limit_mm3) or extents
    longest, middle, shortest = sorted(extents, reverse=True)
    return longest, middle, shortest


def _axes(sample: Floats) -> Floats:
    """Facet directions by the area that shows them, then the principal axes."""
    normals = facet_normals(sample.transpose(2, 1, 0)).T
    lengths = np.linalg.norm(normals, axis=1)
    units = normals[lengths > 0] / lengths[lengths > 0, None]
    units *= np.sign(units[np.arange(len(units)), np.abs(units).argmax(axis=1)])[:, None]
    steps = np.round(units * _NORMAL_STEPS).astype(np.int64)
    base = 2 * _NORMAL_STEPS + 1
    keys = ((steps[:, 0] + _NORMAL_STEPS) * base + steps[:, 1] + _NORMAL_STEPS) * base + steps[:, 2]
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    shown = np.bincount(inverse.ravel(), weights=lengths[lengths > 0])
    broadest = units[first[np.argsort(-shown)[:5]]]
    points = sample.reshape(-1, 3)
    _, principal = np.linalg.eigh(np.cov(points.T))
    return np.concatenate((broadest, principal.T))


def _extents_in(triangles: Triangles, origin: Floats, frame: Floats, limit_mm3: float) -> Point | None:
    """The extents in the frame; ``None`` as soon as their box has reached the limit."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for start in range(0, len(triangles), BLOCK_TRIANGLES):
        planes = planes_of(triangles[start : start + BLOCK_TRIANGLES]).reshape(3, -1).astype(np.float64)
        turned = frame @ (planes - origin[:, None])
        np.minimum(low, turned.min(axis=1), out=low)
        np.maximum(high, turned.max(axis=1), out=high)
        if not (high - low).prod() < limit_mm3:
            return None
    x_mm, y_mm, z_mm = (high - low).tolist()
    return x_mm, y_mm, z_mm
