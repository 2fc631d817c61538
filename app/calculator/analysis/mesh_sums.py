"""One pass over the triangles in blocks that stay in the cache: box, area, volume, moments, edge hashes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.box import Box
from app.calculator.geometry.mesh_hash import (
    BLOCK_TRIANGLES,
    CORNER_AFTER,
    Floats,
    Hashes,
    corner_hashes,
    edge_hashes,
    planes_of,
)
from app.calculator.geometry.part import Triangles


@dataclass(frozen=True)
class MeshSums:
    """Sums over all triangles, about ``origin`` (the first corner), in the coordinates of the triangles.

    ``boundary`` is the antisymmetric 64-bit sum over directed edges: zero when every directed edge is
    met by its reverse. ``forward`` holds one hash per edge that runs from its lower to its higher corner.
    """

    low: Floats
    high: Floats
    origin: Floats
    area_mm2: float
    volume_mm3: float
    moment: Floats
    boundary: int
    forward: Hashes
    collapsed_edges: int
    flat_facets: int

    @property
    def box(self) -> Box:
        """The box of the triangles."""
        low, high = self.low.tolist(), self.high.tolist()
        return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))


@dataclass
class _Totals:
    low: Floats
    high: Floats
    moment: Floats
    twice_area: float = 0.0
    six_volume: float = 0.0
    boundary: int = 0
    forward_edges: int = 0
    collapsed_edges: int = 0
    flat_facets: int = 0


def sum_mesh(triangles: Triangles) -> MeshSums:
    """All sums in one pass; not finite when a coordinate is not."""
    origin = triangles[0, 0].astype(np.float64)
    totals = _Totals(np.full(3, np.inf), np.full(3, -np.inf), np.zeros(3))
    forward = np.zeros(
        3 * len(triangles), dtype=np.uint64
    )  # half of it in a closed mesh; the rest stays unmapped
    with np.errstate(invalid="ignore", over="ignore"):
        _add_blocks(triangles, origin, totals, forward)
    return MeshSums(
        low=totals.low,
        high=totals.high,
        origin=origin,
        area_mm2=totals.twice_area / 2,
        volume_mm3=totals.six_volume / 6,
        moment=totals.moment / 24,
        boundary=totals.boundary & 0xFFFFFFFFFFFFFFFF,
        forward=forward[: totals.forward_edges],
        collapsed_edges=totals.collapsed_edges,
        flat_facets=totals.flat_facets,
    )


def _add_blocks(triangles: Triangles, origin: Floats, totals: _Totals, forward: Hashes) -> None:
    for start in range(0, len(triangles), BLOCK_TRIANGLES):
        planes = planes_of(triangles[start : start + BLOCK_TRIANGLES])
        _add_box(totals, planes)
        _add_masses(totals, planes.astype(np.float64) - origin[:, None, None])
        _add_edges(totals, planes, forward)


def _add_box(totals: _Totals, planes: npt.NDArray[np.float32]) -> None:
    flat = planes.reshape(3, -1)
    np.minimum(totals.low, flat.min(axis=1), out=totals.low)
    np.maximum(totals.high, flat.max(axis=1), out=totals.high)


def _add_masses(totals: _Totals, planes: Floats) -> None:
    normal = facet_normals(planes)
    first = planes[:, 0]
    six_volumes = first[0] * normal[0] + first[1] * normal[1] + first[2] * normal[2]
    totals.six_volume += float(six_volumes.sum())
    squares = normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2
    totals.flat_facets += len(squares) - int(np.count_nonzero(squares))
    totals.twice_area += float(np.sqrt(squares).sum())
    totals.moment += (planes[:, 0] + planes[:, 1] + planes[:, 2]) @ six_volumes


def facet_normals(planes: Floats) -> Floats:
    """Twice the area vector of every triangle; ``planes`` is (coordinate, corner, triangle)."""
    ux, uy, uz = planes[:, 1] - planes[:, 0]
    vx, vy, vz = planes[:, 2] - planes[:, 0]
    return np.stack((uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx))


def _add_edges(totals: _Totals, planes: npt.NDArray[np.float32], forward: Hashes) -> None:
    tails = corner_hashes(planes)
    heads = tails[CORNER_AFTER, :]
    keys = edge_hashes(tails, heads)
    runs_up = tails < heads
    first, count = totals.forward_edges, int(np.count_nonzero(runs_up))
    found = np.compress(runs_up.ravel(), keys.ravel(), out=forward[first : first + count])
    collapsed = tails == heads
    lost = int(np.count_nonzero(collapsed))
    everything = int(keys.sum()) - (int(keys[collapsed].sum()) if lost else 0)
    totals.boundary += 2 * int(found.sum()) - everything
    totals.forward_edges += count
    totals.collapsed_edges += lost
