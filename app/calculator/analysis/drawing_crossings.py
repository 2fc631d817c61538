"""Where contours cut through each other or through themselves, found in a grid of short pieces."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.curves import CHORD_MM, Floats
from app.calculator.geometry.rings import Numbers, Rings

MOST_CELLS = 1_000_000
MOST_PAIRS = 20_000_000
BLOCK_PAIRS = 1_000_000
TOUCHING_MM = 4 * CHORD_MM
"""Curves that only touch are followed by points which may cut this far into each other."""

ON_LINE_MM = 1e-6
_END_SHARE = 1e-6
_TINY = np.finfo(np.float64).tiny

Flags = npt.NDArray[np.bool_]
Path = tuple[Floats, Floats, Floats]
"""An edge by its start and end, and the next corner of its ring."""


def crossings(rings: Rings) -> list[Floats] | None:
    """A place for every pair of edges that cross; ``None`` where the lines are too dense to be compared.

    A ring whose corner lies on an edge crosses it there when it goes on at the other side.
    """
    if not len(rings):
        return []
    starts, ends = rings.corners, rings.ends
    nexts = ends[rings.following]
    edges, cells = _gridded(starts, ends)
    _, sizes = np.unique(cells, return_counts=True)
    if int((sizes * (sizes - 1)).sum()) // 2 > MOST_PAIRS:
        return None
    found: dict[tuple[int, int], Floats] = {}
    for one, other in _pairs(edges, cells):
        here, there = (starts[one], ends[one], nexts[one]), (starts[other], ends[other], nexts[other])
        crossed = _cross(here, there) | _passes(here, there) | _passes(there, here)
        for pair in zip(one[crossed].tolist(), other[crossed].tolist(), strict=True):
            found.setdefault(pair, starts[pair[0]])
    return list(found.values())


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
    keys = np.sort(cells * len(starts) + np.tile(edge, 4))
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return keys % len(starts), keys // len(starts)


def _pairs(edges: Numbers, cells: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Pairs of edges that share a cell, the lower number first."""
    here, apart = np.arange(len(cells)), 1
    while True:
        here = here[here + apart < len(cells)]
        here = here[cells[here] == cells[here + apart]]
        if not len(here):
            return
        for block in range(0, len(here), BLOCK_PAIRS):
            one = here[block : block + BLOCK_PAIRS]
            yield edges[one], edges[one + apart]
        apart += 1


def _cross(here: Path, there: Path) -> Flags:
    """Whether two edges cross in their insides, by more than a touch."""
    (a, b, _), (c, d, _) = here, there
    return _straddled(_side(a, b, c), _side(a, b, d)) & _straddled(_side(c, d, a), _side(c, d, b))


def _passes(here: Path, there: Path) -> Flags:
    """Whether the end of the second edge lies inside the first one and its ring goes on at the other side."""
    (a, b, _), (c, d, e) = here, there
    along = b - a
    share = ((d - a) * along).sum(axis=1) / np.maximum((along * along).sum(axis=1), _TINY)
    inside = (np.abs(_side(a, b, d)) <= ON_LINE_MM) & (share > _END_SHARE) & (share < 1 - _END_SHARE)
    passes: Flags = inside & _straddled(_side(a, b, c), _side(a, b, e))
    return passes


def _side(a: Floats, b: Floats, points: Floats) -> Floats:
    """How far the points lie to the left of the line from a to b."""
    along, beyond = b - a, points - a
    side: Floats = along[:, 0] * beyond[:, 1] - along[:, 1] * beyond[:, 0]
    side /= np.maximum(np.hypot(along[:, 0], along[:, 1]), _TINY)
    return side


def _straddled(left: Floats, right: Floats) -> Flags:
    """On either side of the line, one of them well away from it and none on it."""
    away = np.maximum(np.abs(left), np.abs(right)) > TOUCHING_MM
    beside = np.minimum(np.abs(left), np.abs(right)) > ON_LINE_MM
    straddled: Flags = (left * right < 0) & away & beside
    return straddled
