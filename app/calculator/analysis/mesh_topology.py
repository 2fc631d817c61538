"""Is the mesh the closed, consistently wound surface of something? Exact counts where it is not."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.calculator.analysis.mesh_sums import MeshSums, facet_normals
from app.calculator.geometry.mesh_hash import CORNER_AFTER, Hashes
from app.calculator.geometry.mesh_identity import Ids, all_distinct, shells, vertex_hashes, vertex_ids, weld
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.tolerance import WELD_RELATIVE

COUNTED_TRIANGLES = 300_000
"""Above this a sound mesh is not searched for separate shells: the search costs more than all the rest."""


_PER_EDGE = 2


@dataclass(frozen=True)
class Topology:
    """Edges that break the rule "two triangles, opposite directions", and what had to be set right to see it.

    ``kept`` selects the triangles that count (``None``: all); ``shell_of`` is the shell of each kept
    triangle (``None``: not searched).
    """

    edges: int
    open_edges: int = 0
    crowded_edges: int = 0
    clashing_edges: int = 0
    duplicates: int = 0
    degenerate: int = 0
    welded: bool = False
    shells: int = 1
    shell_of: Ids | None = None
    kept: npt.NDArray[np.bool_] | None = None

    @property
    def closed(self) -> bool:
        """Every edge belongs to exactly two triangles that run along it in opposite directions."""
        return not (self.open_edges or self.crowded_edges or self.clashing_edges)


def inspect(triangles: Triangles, sums: MeshSums) -> Topology:
    """The cheap proof first; the full inspection only where it fails."""
    if sums.boundary == 0 and not sums.collapsed_edges and all_distinct(sums.forward):
        found = Topology(edges=len(sums.forward), degenerate=sums.flat_facets)
        return _with_shells(found, vertex_hashes(triangles)) if len(triangles) <= COUNTED_TRIANGLES else found
    ids, count = vertex_ids(triangles)
    found = _count_faults(ids)
    if not found.closed:
        welded = _weld_open(triangles, ids, count, sums)
        found = replace(_count_faults(welded), welded=not np.array_equal(welded, ids))
        ids = welded
    if not found.closed and sums.flat_facets:
        found = _without_flat(triangles, ids, found)
    return _with_shells(found, ids.astype(np.uint64))


def _with_shells(found: Topology, corners: Hashes) -> Topology:
    if found.kept is not None:
        corners = corners[:, found.kept]
    if not corners.shape[1]:
        return replace(found, shells=0)
    shell_of = shells(corners)
    return replace(found, shells=int(shell_of.max()) + 1, shell_of=shell_of)


def _count_faults(ids: Ids, dropped: npt.NDArray[np.bool_] | None = None) -> Topology:
    """Edge counts without collapsed, dropped and repeated triangles."""
    collapsed = (ids[0] == ids[1]) | (ids[1] == ids[2]) | (ids[2] == ids[0])
    if dropped is not None:
        collapsed |= dropped
    kept = ~collapsed
    repeated = _repeated(ids, kept)
    kept[repeated] = False
    totals, forwards = _edge_counts(ids[:, kept])
    return Topology(
        edges=len(totals),
        open_edges=int(np.count_nonzero(totals == 1)),
        crowded_edges=int(np.count_nonzero(totals > _PER_EDGE)),
        clashing_edges=int(np.count_nonzero((totals == _PER_EDGE) & (forwards != 1))),
        duplicates=len(repeated),
        degenerate=int(np.count_nonzero(collapsed)),
        kept=None if kept.all() else kept,
    )


def _repeated(ids: Ids, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Triangles that name the same vertices in the same turn as an earlier one."""
    rows = np.flatnonzero(kept)
    corners = ids[:, rows]
    start = corners.argmin(axis=0)
    turned = corners[(start + np.arange(3)[:, None]) % 3, np.arange(corners.shape[1])]
    order = np.lexsort(turned)
    ordered = turned[:, order]
    again = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).all(axis=0)) + 1
    return rows[order[again]]


def _edge_counts(ids: Ids) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For every undirected edge: how many triangles use it, and how many run from its lower vertex."""
    keys, runs_up = _edge_keys(ids)
    if not len(keys):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    totals = np.diff(np.append(starts, len(keys)))
    return totals, np.add.reduceat(runs_up[order].astype(np.int64), starts)


def _edge_keys(ids: Ids) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    tails = ids.ravel().astype(np.int64)
    heads = ids[CORNER_AFTER, :].ravel().astype(np.int64)
    return (np.minimum(tails, heads) << 32) | np.maximum(tails, heads), tails < heads


def _weld_open(triangles: Triangles, ids: Ids, count: int, sums: MeshSums) -> Ids:
    """Join near vertices along open edges: elsewhere the surface already holds together."""
    keys, _ = _edge_keys(ids)
    unique, totals = np.unique(keys, return_counts=True)
    lonely = unique[totals == 1]
    if not len(lonely):
        return ids
    suspects = np.unique(np.concatenate((lonely >> 32, lonely & 0xFFFFFFFF))).astype(np.int32)
    corner_of = np.zeros(count, dtype=np.int64)
    corner_of[ids.ravel()] = np.arange(ids.size)
    corner, triangle = np.divmod(corner_of[suspects], ids.shape[1])
    places = triangles[triangle, corner].astype(np.float64)
    return weld(ids, count, suspects, places, sums.box.diagonal_mm * WELD_RELATIVE)


def _without_flat(triangles: Triangles, ids: Ids, found: Topology) -> Topology:
    """Facets without area may dangle from a sound surface; they are dropped if that closes it."""
    normals = facet_normals(triangles.astype(np.float64).transpose(2, 1, 0))
    flat = (normals == 0).all(axis=0)
    again = replace(_count_faults(ids, flat), welded=found.welded)
    return again if again.closed else found
