"""Closing small holes: a missing triangle, or a small loop of open edges that is flat and convex."""

from collections.abc import Iterator

import numpy as np

from app.calculator.geometry.mesh_edges import Edges
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_identity import Ids

MOST_OPEN_EDGES = 20_000
"""With more open edges than this the surface is not damaged but unfinished."""

MOST_SIDES = 64
"""A hole with more sides is an opening somebody may have meant."""

FLAT_SHARE = 0.02
"""The border leaves its plane by no more than this share of its size."""

SMALL_SHARE = 0.005
"""A hole of more than three sides is no larger than this share of the surface."""

MOST_OF_SHELL = 0.4
"""A cover as large as the rest of its shell would make a leaf of two sides; a tetrahedron lacks a third."""

_TRIANGLE = 3


def covers(vertices: Floats, corners: Ids, edges: Edges, shell_of: Ids) -> list[Ids]:
    """The triangles of every cover, (corner, triangle); a patch is not closed with itself."""
    if not 0 < len(edges.open_rows) <= MOST_OPEN_EDGES:
        return []
    places = vertices[corners]
    areas = np.linalg.norm(np.cross(places[1] - places[0], places[2] - places[0]), axis=1)
    largest = SMALL_SHARE * float(areas.sum())
    rows = edges.open_rows
    shell_at = dict(zip(edges.tails[rows].tolist(), shell_of[edges.triangles[rows]].tolist(), strict=True))
    shell_areas = np.bincount(shell_of, weights=areas)
    found: list[Ids] = []
    for loop in _loops(edges):
        double_area = _fan(vertices[loop])
        is_small = len(loop) == _TRIANGLE or double_area <= largest
        if is_small and 0 < double_area <= MOST_OF_SHELL * shell_areas[shell_at[loop[0]]]:
            found.append(np.array([np.full(len(loop) - 2, loop[0]), loop[1:-1], loop[2:]], dtype=np.int32))
    return found


def _loops(edges: Edges) -> Iterator[list[int]]:
    """Simple loops of open edges, against the sense of their triangles: as a cover runs."""
    rows = edges.open_rows
    tails, heads = edges.tails[rows], edges.heads[rows]
    used, times = np.unique(np.concatenate((tails, heads)), return_counts=True)
    plain = set(used[times == len(("in", "out"))].tolist())
    before = dict(zip(heads.tolist(), tails.tolist(), strict=True))
    waiting = dict.fromkeys(sorted(before))
    while waiting:
        start = next(iter(waiting))
        loop = [start]
        waiting.pop(start)
        place = before[start]
        while place in waiting:
            waiting.pop(place)
            loop.append(place)
            place = before[place]
        if place == start and _TRIANGLE <= len(loop) <= MOST_SIDES and plain.issuperset(loop):
            yield loop


def _fan(border: Floats) -> float:
    """Twice the area of a fan from the first corner; nought if the border is not flat and convex."""
    arms = border - border[0]
    normals = np.cross(arms[1:-1], arms[2:])
    total = normals.sum(axis=0)
    length = float(np.linalg.norm(total))
    if (normals @ total <= 0).any():
        return 0.0
    size = float(np.linalg.norm(np.ptp(border, axis=0)))
    is_flat = float(np.abs(arms @ total).max()) <= FLAT_SHARE * size * length
    return length if is_flat else 0.0
