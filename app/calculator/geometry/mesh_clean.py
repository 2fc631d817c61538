"""A mesh as it is meant: corners that coincide are one vertex, nothing is there twice or without extent."""

from dataclasses import dataclass, replace

import numpy as np

from app.calculator.geometry.mesh_edges import Edges, Flags, Indices, edges_of
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids, vertex_ids, weld
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.tolerance import WELD_RELATIVE


@dataclass(frozen=True)
class CleanMesh:
    """``corners`` names the vertices of the triangles that count, (corner, triangle); ``kept`` selects them.

    ``vertices`` are the places of all vertices, relative to the origin of the mesh. ``duplicates`` and
    ``degenerate`` were dropped; ``welded`` tells that vertices a hair apart were taken as one.
    """

    vertices: Floats
    corners: Ids
    kept: Flags
    edges: Edges
    duplicates: int
    degenerate: int
    welded: bool

    @property
    def open_edges(self) -> int:
        """Edges with one triangle only."""
        return len(self.edges.open_rows)

    @property
    def clashing_edges(self) -> int:
        """Edges along which two triangles face opposite sides."""
        return int(np.count_nonzero(self.edges.clashing))

    @property
    def closed(self) -> bool:
        """Every edge belongs to exactly two triangles that run along it in opposite directions."""
        return not (self.open_edges or self.edges.crowded or self.clashing_edges)


def clean(triangles: Triangles, diagonal_mm: float) -> CleanMesh:
    """Vertices by exact bits; by nearness along open edges only: elsewhere the surface holds together."""
    ids, count = vertex_ids(triangles)
    vertices = np.zeros((count, 3))
    vertices[ids] = triangles.transpose(1, 0, 2)
    found = _counted(vertices, ids, _collapsed(ids))
    if found.open_edges:
        welded = _welded(found, ids, diagonal_mm * WELD_RELATIVE)
        is_moved = not np.array_equal(welded, ids)
        found = replace(_counted(vertices, welded, _collapsed(welded)), welded=is_moved)
        ids = welded
    if not found.closed:
        found = _without_flat(triangles, ids, found)
    return found


def _counted(vertices: Floats, ids: Ids, dropped: Flags) -> CleanMesh:
    kept = ~dropped
    repeated = _repeated(ids, kept)
    kept[repeated] = False
    corners = ids[:, kept]
    return CleanMesh(
        vertices=vertices,
        corners=corners,
        kept=kept,
        edges=edges_of(corners),
        duplicates=len(repeated),
        degenerate=int(np.count_nonzero(dropped)),
        welded=False,
    )


def _collapsed(ids: Ids) -> Flags:
    return np.asarray((ids[0] == ids[1]) | (ids[1] == ids[2]) | (ids[2] == ids[0]))


def _repeated(ids: Ids, kept: Flags) -> Indices:
    """Triangles that name the same vertices in the same turn as an earlier one."""
    rows = np.flatnonzero(kept)
    corners = ids[:, rows]
    start = corners.argmin(axis=0)
    turned = corners[(start + np.arange(3)[:, None]) % 3, np.arange(corners.shape[1])]
    order = np.lexsort(turned)
    ordered = turned[:, order]
    again = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).all(axis=0)) + 1
    return rows[order[again]]


def _welded(found: CleanMesh, ids: Ids, distance_mm: float) -> Ids:
    rows = found.edges.open_rows
    suspects = np.unique(np.concatenate((found.edges.tails[rows], found.edges.heads[rows])))
    return weld(ids, len(found.vertices), suspects, found.vertices[suspects], distance_mm)


def _without_flat(triangles: Triangles, ids: Ids, found: CleanMesh) -> CleanMesh:
    """Facets without area may dangle from a sound surface; they are dropped if that closes it."""
    corners = triangles.astype(np.float64)
    flat = (np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) == 0).all(axis=1)
    if not flat.any():
        return found
    again = replace(_counted(found.vertices, ids, _collapsed(ids) | flat), welded=found.welded)
    return again if again.closed else found
