"""The edges of an indexed mesh: which triangles meet along each, and whether they agree on the outside."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.mesh_hash import CORNER_AFTER
from app.calculator.geometry.mesh_identity import Ids

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_PER_EDGE = 2


@dataclass(frozen=True)
class Edges:
    """Directed edges of all triangles, ordered so that those between the same two vertices lie together.

    ``tails``, ``heads`` and ``triangles`` have one row per directed edge; ``starts`` holds the first row of
    every undirected edge and ``counts`` how many rows it has.
    """

    tails: Ids
    heads: Ids
    triangles: Ids
    starts: Indices
    counts: Indices

    @property
    def open_rows(self) -> Indices:
        """Rows of edges that have one triangle only."""
        rows: Indices = self.starts[self.counts == 1]
        return rows

    @property
    def crowded(self) -> int:
        """How many edges have more than two triangles."""
        return int(np.count_nonzero(self.counts > _PER_EDGE))

    @property
    def pair_rows(self) -> Indices:
        """The first rows of edges with exactly two triangles; the second one is the next row."""
        rows: Indices = self.starts[self.counts == _PER_EDGE]
        return rows

    @property
    def clashing(self) -> Flags:
        """For every pair whether its triangles run along the edge in the same direction: one is turned."""
        rows = self.pair_rows
        return np.asarray(self.tails[rows] == self.tails[rows + 1])


def edges_of(corners: Ids) -> Edges:
    """The edges of triangles given as vertex numbers, (corner, triangle); none may be collapsed."""
    tails = corners.ravel()
    heads = corners[CORNER_AFTER, :].ravel()
    keys = (np.minimum(tails, heads).astype(np.int64) << 32) | np.maximum(tails, heads)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    return Edges(
        tails=tails[order],
        heads=heads[order],
        triangles=(order % max(1, corners.shape[1])).astype(np.int32),
        starts=starts,
        counts=np.diff(np.append(starts, len(ordered))),
    )
