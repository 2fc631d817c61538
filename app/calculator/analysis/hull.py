"""The convex hull of a surface: what a stretched skin around the part would enclose."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull, QhullError

from app.calculator.geometry.box import bounds
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.part import Triangles

CELLS = 50
"""Of many corners the outermost in every cell stays, the longest extent being this many cells.

What is lost is less than a cell deep and lies between corners that stay: some thousandths of the volume of
a torus, nothing of a box.
"""

MOST_CORNERS = 12_000
"""Up to this many corners all are given to Qhull, which orders them exactly."""

_BLOCK = 262_144
_SAME_FACET = 1e-6
_STEPS = (-1, 0, 1)
_AXES = np.array([(x, y, z) for x in _STEPS for y in _STEPS for z in _STEPS if (x, y, z) > (0, 0, 0)], float)


@dataclass(frozen=True)
class Hull:
    """Volume, corners, and the flat facets: unit normals outwards and areas, the largest first."""

    volume_mm3: float
    corners: Floats
    normals: Floats
    areas_mm2: Floats


def convex_hull(triangles: Triangles) -> Hull | None:
    """The hull of all corners; ``None`` for what is flat.

    Exact for the triangles up to ``MOST_CORNERS`` corners; a curved face is followed as closely as they do.
    """
    corners = triangles.reshape(-1, 3)
    points = corners if len(corners) <= MOST_CORNERS else _outermost(corners)
    points = points.astype(np.float64)
    try:
        hull = ConvexHull(points)
    except QhullError:
        return None
    sides = points[hull.simplices]
    areas = np.linalg.norm(np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0]), axis=1) / 2
    normals, areas = _facets(hull.equations[:, :3], hull.equations[:, 3], areas)
    return Hull(float(hull.volume), points[hull.vertices], normals, areas)


def _facets(normals: Floats, offsets: Floats, areas: Floats) -> tuple[Floats, Floats]:
    """Triangles of the hull in one plane are one facet."""
    size = float(np.abs(offsets).max()) or 1.0
    planes = np.round(np.column_stack((normals, offsets / size)) / _SAME_FACET).astype(np.int64)
    _, first, facet = np.unique(planes, axis=0, return_index=True, return_inverse=True)
    together: Floats = np.bincount(facet.ravel(), weights=areas).astype(np.float64)
    order = np.lexsort((first, -np.round(together, 6)))
    return normals[first[order]], together[order]


def _outermost(corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The corner of every cell that is farthest from the middle, and the farthest along 26 directions."""
    low, high = bounds(corners)
    cell = float((high - low).max()) / CELLS or 1.0
    counts = np.floor((high - low) / cell).astype(np.int64) + 1
    farthest = np.full(int(counts.prod()), -1.0)
    extremes: list[npt.NDArray[np.float32]] = []
    for block in _blocks(corners):
        keys, away = _cells(block, low, high, cell, counts)
        np.maximum.at(farthest, keys, away)
        along = _AXES @ block.T
        extremes += [block[along.argmin(axis=1)], block[along.argmax(axis=1)]]
    kept: list[npt.NDArray[np.float32]] = []
    for block in _blocks(corners):
        keys, away = _cells(block, low, high, cell, counts)
        kept.append(block[away >= farthest[keys]])
    points: npt.NDArray[np.float32] = np.unique(np.concatenate((*kept, *extremes)), axis=0)
    return points


def _blocks(corners: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    return [corners[start : start + _BLOCK] for start in range(0, len(corners), _BLOCK)]


def _cells(
    block: npt.NDArray[np.float32], low: Floats, high: Floats, cell: float, counts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The cell of every corner, and its squared distance from the middle of all."""
    places = block.astype(np.float64) - low
    steps = np.minimum((places / cell).astype(np.int64), counts - 1)
    places -= (high - low) / 2
    keys = (steps[:, 0] * counts[1] + steps[:, 1]) * counts[2] + steps[:, 2]
    away: Floats = np.einsum("ij,ij->i", places, places)
    return keys, away
