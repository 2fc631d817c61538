"""Large triangles: row by row from edge to edge, so that a sliver costs what it covers and not its box."""

from collections.abc import Iterator

import numpy as np

from app.calculator.preview.camera import Floats
from app.calculator.preview.depth import Buffer
from app.calculator.preview.projected import Ints, Projected

_MOST_ROWS = 2**17
_MOST_SAMPLES = 2**18


def fill(triangles: Projected, buffer: Buffer) -> None:
    """Draw triangles of any size."""
    edges = _edges(triangles)
    z_0, z_x, z_y = triangles.depth_plane()
    first, counts = triangles.first[1], triangles.last[1] - triangles.first[1]
    for piece in _pieces(counts, _MOST_ROWS):
        repeats = counts[piece]
        owner = np.repeat(np.arange(piece.start, piece.stop), repeats)
        rows = np.arange(len(owner)) + (first[piece] - _starts(repeats))[owner - piece.start]
        height = rows + 0.5
        left, right = _span(edges, owner, height)
        start = np.ceil(left - 0.5).clip(0, buffer.samples).astype(np.int64)
        width = np.ceil(right - 0.5).clip(0, buffer.samples).astype(np.int64) - start
        seen = np.flatnonzero(width > 0)
        owner, start = owner[seen], start[seen]
        depth = z_0[owner] + z_y[owner] * height[seen] + z_x[owner] * (start + 0.5)
        _put(
            buffer,
            rows[seen] * buffer.samples + start,
            width[seen],
            depth,
            z_x[owner],
            triangles.numbers[owner],
        )


def _edges(triangles: Projected) -> Floats:
    """For every edge where it crosses the height 0, its run per row, and its side: (edge, 3, triangle).

    An edge is measured from its upper end whichever triangle asks, so that both neighbours get one answer.
    Edges that run down bound the right, those that run up the left, level ones nothing.
    """
    x, y = triangles.x, triangles.y
    x_after, y_after = x[[1, 2, 0]], y[[1, 2, 0]]
    rise = y_after - y
    run = (x_after - x) / np.where(rise == 0, 1.0, rise)
    upper_x, upper_y = np.where(rise > 0, x, x_after), np.where(rise > 0, y, y_after)
    return np.stack((upper_x - upper_y * run, run, np.sign(rise)), axis=1)


def _span(edges: Floats, owner: Ints, height: Floats) -> tuple[Floats, Floats]:
    """Where every row enters its triangle and where it leaves it."""
    left = np.full(len(height), -np.inf)
    right = np.full(len(height), np.inf)
    for base, run, side in edges:
        crossing = base[owner] + run[owner] * height
        sides = side[owner]
        np.maximum(left, np.where(sides < 0, crossing, -np.inf), out=left)
        np.minimum(right, np.where(sides > 0, crossing, np.inf), out=right)
    return left, right


def _put(buffer: Buffer, place: Ints, width: Ints, depth: Floats, slope: Floats, number: Ints) -> None:
    for piece in _pieces(width, _MOST_SAMPLES):
        repeats = width[piece]
        starts = _starts(repeats)
        steps = np.arange(int(repeats.sum()))
        depths = np.repeat(depth[piece] - slope[piece] * starts, repeats)
        depths += np.repeat(slope[piece], repeats) * steps
        steps += np.repeat(place[piece] - starts, repeats)
        buffer.put(steps, depths, np.repeat(number[piece], repeats))


def _starts(counts: Ints) -> Ints:
    return np.cumsum(counts) - counts


def _pieces(counts: Ints, most: int) -> Iterator[slice]:
    """Runs whose counts come to about ``most`` together; one that is larger stands alone."""
    ends = np.cumsum(counts)
    start, done = 0, 0
    while start < len(counts):
        stop = max(start + 1, int(np.searchsorted(ends, done + most, side="right")))
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])
