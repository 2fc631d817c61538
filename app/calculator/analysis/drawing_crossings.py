"""Where contours cut through each other or through themselves, found in a grid of short pieces."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.curves import CHORD_MM, Floats

MOST_CELLS = 2_048
MOST_PAIRS = 20_000_000
"""Beyond this the lines are too dense to be compared."""
BLOCK_PAIRS = 1_000_000
TOUCHING_MM = 4 * CHORD_MM
"""Curves that only touch are followed by points which may cut this far into each other."""

Numbers = npt.NDArray[np.int64]


def crossings(rings: Sequence[Floats]) -> list[Floats]:
    """A place for every pair of edges that cross, each ring (n, 2) being closed by itself."""
    if not rings:
        return []
    starts = np.concatenate(rings)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    edges, cells = _gridded(starts, ends)
    found: list[Floats] = []
    seen: set[tuple[int, int]] = set()
    for one, other in _pairs(edges, cells):
        crossed = _cross(starts[one], ends[one], starts[other], ends[other])
        for pair in zip(one[crossed].tolist(), other[crossed].tolist(), strict=True):
            if pair not in seen:
                seen.add(pair)
                found.append(starts[pair[0]])
    return found


def _gridded(starts: Floats, ends: Floats) -> tuple[Numbers, Numbers]:
    """Edges and the cells they pass through, sorted by cell: long edges go in as pieces."""
    lengths = np.linalg.norm(ends - starts, axis=1)
    low = starts.min(axis=0)
    span = float((starts.max(axis=0) - low).max())
    cell_mm = max(2 * float(lengths.mean()), span / MOST_CELLS)
    counts = np.ceil(lengths / cell_mm).astype(np.int64).clip(1)
    edge = np.repeat(np.arange(len(starts)), counts)
    part = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    step = (ends - starts)[edge] / counts[edge, None]
    here = starts[edge] + part[:, None] * step - low
    first = np.floor(np.minimum(here, here + step) / cell_mm).astype(np.int64)
    last = np.floor(np.maximum(here, here + step) / cell_mm).astype(np.int64)
    columns = int(last[:, 0].max()) + 2
    corners = [
        np.where(pick, first, last) for pick in ((True, True), (True, False), (False, True), (False, False))
    ]
    cells = np.concatenate([corner[:, 1] * columns + corner[:, 0] for corner in corners])
    both = np.unique(np.column_stack((cells, np.tile(edge, 4))), axis=0)
    return both[:, 1], both[:, 0]


def _pairs(edges: Numbers, cells: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Pairs of edges that share a cell, the lower number first."""
    _, sizes = np.unique(cells, return_counts=True)
    if int((sizes * (sizes - 1)).sum()) // 2 > MOST_PAIRS:
        return
    for apart in range(1, int(sizes.max())):
        together = np.flatnonzero(cells[apart:] == cells[:-apart])
        for block in range(0, len(together), BLOCK_PAIRS):
            here = together[block : block + BLOCK_PAIRS]
            yield edges[here], edges[here + apart]


def _cross(a: Floats, b: Floats, c: Floats, d: Floats) -> npt.NDArray[np.bool_]:
    """Whether the edges from a to b and from c to d cross in their insides, by more than a touch."""
    crossed: npt.NDArray[np.bool_] = _straddles(a, b, c, d) & _straddles(c, d, a, b)
    return crossed


def _straddles(a: Floats, b: Floats, c: Floats, d: Floats) -> npt.NDArray[np.bool_]:
    """The points c and d lie on either side of the line from a to b, one of them well away from it."""
    along = b - a
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), np.finfo(np.float64).tiny)
    left = (along[:, 0] * (c - a)[:, 1] - along[:, 1] * (c - a)[:, 0]) / length
    right = (along[:, 0] * (d - a)[:, 1] - along[:, 1] * (d - a)[:, 0]) / length
    away: npt.NDArray[np.bool_] = np.maximum(np.abs(left), np.abs(right)) > TOUCHING_MM
    return (left * right < 0) & away
