"""Rays by an R-tree over the boxes of the triangles: slow, and everywhere to be had."""

import numpy as np
import numpy.typing as npt
from rtree.index import Index, Property

from app.calculator.geometry.part import Triangles

Floats = npt.NDArray[np.float64]

PIECES = 24
"""A ray is looked up piece by piece: the box around all of a slanting ray holds most of the part."""
BATCH = 2_048
"""Rays looked up at a time; the triangles whose boxes they meet are held in memory together."""
TOLERANCE = 1e-7
"""How far beside a triangle, by its size, a ray still hits it, and by the part's size beside its box: none
slips through between two."""
_NOTHING = -1


class RayTree:
    """Answers for rays that start exactly where they are told to; see ``rays.Caster``."""

    def __init__(self, triangles: Triangles) -> None:
        self._corners = triangles.astype(np.float64)
        low, high = self._corners.min(axis=1), self._corners.max(axis=1)
        slack = TOLERANCE * float(np.linalg.norm(high.max(axis=0) - low.min(axis=0)))
        low, high = low - slack, high + slack
        self._low, self._high = low.min(axis=0), high.max(axis=0)
        numbers = np.arange(len(triangles), dtype=np.int64)
        self._index = Index((numbers, low, high), properties=Property(dimension=3))

    def hits(self, origins: Floats, directions: Floats) -> tuple[Floats, npt.NDArray[np.int32]]:
        """Distance to the first triangle and its number."""
        distance = np.full(len(origins), np.inf)
        triangle = np.full(len(origins), _NOTHING, dtype=np.int32)
        for start in range(0, len(origins), BATCH):
            rows = slice(start, start + BATCH)
            self._walk(origins[rows], directions[rows], distance[rows], triangle[rows])
        return distance, triangle

    def blocked(self, origins: Floats, directions: Floats) -> npt.NDArray[np.bool_]:
        """Whether there is any triangle on the way."""
        found: npt.NDArray[np.bool_] = self.hits(origins, directions)[1] != _NOTHING
        return found

    def _walk(
        self, origins: Floats, directions: Floats, distance: Floats, triangle: npt.NDArray[np.int32]
    ) -> None:
        """Fill ``distance`` and ``triangle``; a ray that has hit within a piece goes no further."""
        enter, leave = self._within_box(origins, directions)
        piece = np.maximum(leave - enter, 0) / PIECES
        under_way = np.flatnonzero(leave >= np.maximum(enter, 0))
        for number in range(PIECES):
            near = enter[under_way] + number * piece[under_way]
            far = near + piece[under_way]
            found, hit = self._piece(origins[under_way], directions[under_way], near, far)
            better = found < distance[under_way]
            distance[under_way[better]], triangle[under_way[better]] = found[better], hit[better]
            under_way = under_way[distance[under_way] > far]
            if not len(under_way):
                return

    def _within_box(self, origins: Floats, directions: Floats) -> tuple[Floats, Floats]:
        """Between which distances a ray is inside the box around everything (slab method)."""
        safe = np.where(np.abs(directions) < 1e-30, 1e-30, directions)  # noqa: PLR2004 - stands for zero
        slabs = np.stack(((self._low - origins) / safe, (self._high - origins) / safe))
        enter = np.maximum(slabs.min(axis=0).max(axis=1), 0.0)
        return enter, slabs.max(axis=0).min(axis=1)

    def _piece(
        self, origins: Floats, directions: Floats, near: Floats, far: Floats
    ) -> tuple[Floats, npt.NDArray[np.int64]]:
        """The first hit among the triangles whose boxes the piece of each ray meets."""
        ends = np.stack((origins + near[:, None] * directions, origins + far[:, None] * directions))
        boxes = ends.min(axis=0), ends.max(axis=0)
        candidates, counts = self._index.intersection_v(*boxes)  # type: ignore[no-untyped-call]
        ray = np.repeat(np.arange(len(origins)), counts.astype(np.int64))
        distance = _crossings(self._corners[candidates], origins[ray], directions[ray])
        order = np.lexsort((candidates, distance, ray))
        firsts = order[np.unique(ray[order], return_index=True)[1]]
        best, which = np.full(len(origins), np.inf), np.full(len(origins), _NOTHING, dtype=np.int64)
        best[ray[firsts]] = distance[firsts]
        which[ray[firsts]] = candidates[firsts]
        return best, which


def _crossings(corners: Floats, origins: Floats, directions: Floats) -> Floats:
    """Distance at which each ray crosses its triangle (Moeller and Trumbore 1997), or infinity."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(directions, second)
    determinant = (first * across).sum(axis=1)
    flat = np.abs(determinant) <= 1e-12 * np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    scale = 1 / np.where(flat, 1.0, determinant)
    arm = origins - corners[:, 0]
    u = (arm * across).sum(axis=1) * scale
    over = np.cross(arm, first)
    v = (directions * over).sum(axis=1) * scale
    distance: Floats = (second * over).sum(axis=1) * scale
    inside = (u >= -TOLERANCE) & (v >= -TOLERANCE) & (u + v <= 1 + TOLERANCE) & (distance >= 0)
    return np.where(inside & ~flat, distance, np.inf)
