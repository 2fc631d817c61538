"""Polygons become triangles: fans where that is right, ears cut off one by one elsewhere."""

import numpy as np
import numpy.typing as npt

from app.calculator.errors import CadTooComplex
from app.calculator.readers.digits import Corners, Indices

BLOCK_POLYGONS = 100_000
MOST_EAR_CORNERS = 100_000
"""Corners of polygons with several dents, all together: they are cut in time that grows faster."""

_TRIANGLE = 3
_ROUNDING = 1e-12
Flat = npt.NDArray[np.float64]


def triangulate(vertices: Corners, corners: Indices, sizes: Indices) -> Indices:
    """Triangles (m, 3) of polygons given one after the other, each turning the way its polygon turns.

    Raises ``CadTooComplex`` for too many corners of polygons that no fan can cover.
    """
    if (sizes == _TRIANGLE).all():
        return corners.reshape(-1, _TRIANGLE)
    starts = np.cumsum(sizes) - sizes
    pieces: list[Indices] = []
    ears_left = MOST_EAR_CORNERS
    for size in np.unique(sizes).tolist():
        first = starts[sizes == size]
        for block in range(0, len(first), BLOCK_POLYGONS):
            rows = first[block : block + BLOCK_POLYGONS, None] + np.arange(size)
            fans, dented = _fanned(vertices, corners[rows])
            ears_left -= dented.size
            if ears_left < 0:
                raise CadTooComplex("too many faces are polygons with several dents")
            pieces += [fans, *(_ears(vertices, polygon) for polygon in dented)]
    return np.concatenate(pieces)


def _fanned(vertices: Corners, polygons: Indices) -> tuple[Indices, Indices]:
    """Triangles of polygons with at most one dent, from that corner; and the polygons with more."""
    size = polygons.shape[1]
    if size == _TRIANGLE:
        return polygons, polygons[:0]
    points = vertices[polygons]
    edges = np.roll(points, -1, axis=1) - points
    turns = np.cross(np.roll(edges, 1, axis=1), edges)
    normals = np.cross(points[:, :-1] - points[:, :1], points[:, 1:] - points[:, :1]).sum(axis=1)
    bends = np.einsum("ijk,ik->ij", turns, normals)
    dents = bends < -_ROUNDING * np.abs(bends).max(axis=1, keepdims=True)
    simple = dents.sum(axis=1) <= 1
    apex = np.argmax(dents[simple], axis=1)
    order = (apex[:, None] + np.arange(size)) % size
    fan = polygons[simple][np.arange(int(simple.sum()))[:, None], order]
    middle = np.arange(1, size - 1)
    corners = np.stack(np.broadcast_arrays(fan[:, :1], fan[:, middle], fan[:, middle + 1]), axis=2)
    return corners.reshape(-1, _TRIANGLE), polygons[~simple]


def _ears(vertices: Corners, polygon: Indices) -> Indices:
    """Cut corner after corner that holds no other; a polygon that crosses itself ends as a fan."""
    points = _flattened(vertices[polygon])
    left = list(range(len(polygon)))
    triangles: list[tuple[int, int, int]] = []
    while len(left) > _TRIANGLE:
        at = next((at for at in range(len(left)) if _is_ear(points, left, at)), 0)
        triangles.append((left[at - 1], left[at], left[(at + 1) % len(left)]))
        del left[at]
    triangles.append((left[0], left[1], left[2]))
    cut: Indices = polygon[np.array(triangles)]
    return cut


def _flattened(points: Corners) -> Flat:
    """Seen along the axis closest to its normal, turning to the left."""
    normal = np.cross(points[:-1] - points[0], points[1:] - points[0]).sum(axis=0)
    away = int(np.argmax(np.abs(normal)))
    axes = [(1, 2), (2, 0), (0, 1)][away]
    return points[:, axes if normal[away] >= 0 else axes[::-1]]


def _is_ear(points: Flat, left: list[int], at: int) -> bool:
    before, here, after = (points[left[index % len(left)]] for index in (at - 1, at, at + 1))
    if _turn(before, here, after[None])[0] <= 0:
        return False
    others = points[left]
    inside = (
        (_turn(before, here, others) >= 0)
        & (_turn(here, after, others) >= 0)
        & (_turn(after, before, others) >= 0)
    )
    corners = (others == before).all(axis=1) | (others == here).all(axis=1) | (others == after).all(axis=1)
    return not bool((inside & ~corners).any())


def _turn(start: Flat, end: Flat, points: Flat) -> Flat:
    """Positive for points to the left of the line from start to end."""
    along, beyond = end - start, points - start
    turn: Flat = along[0] * beyond[:, 1] - along[1] * beyond[:, 0]
    return turn
