"""Small triangles: all samples of their box at once, by the signs of three edge functions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.preview.depth import Buffer
from app.calculator.preview.projected import SNAP, Ints, Projected

SIDES = (2, 3, 4, 6, 8, 12, 16)
"""In samples; beyond the last a box is mostly empty, and its triangle cheaper row by row."""
_CELLS = 2**17
"""Tested at once: they stay in the processor's cache."""

Whole = npt.NDArray[np.int32]


def stamp(triangles: Projected, chosen: Ints, side: int, buffer: Buffer) -> None:
    """Draw the chosen triangles, whose boxes are at most ``side`` samples wide and high."""
    count = len(chosen)
    shift = min(_CELLS // (side * side), count).bit_length() if count else 0
    grid = _Grid.of(side, shift, buffer.samples)
    for start in range(0, count, grid.at_once):
        block = chosen[start : start + grid.at_once]
        missing = grid.at_once - len(block)
        _stamp(
            triangles.take(np.append(block, np.full(missing, block[-1])) if missing else block), grid, buffer
        )


@dataclass(frozen=True)
class _Grid:
    """The samples of a square box: their columns and rows, and how far behind the first they lie.

    Triangles come by a power of two, the last one repeated if need be, so that a sample and a triangle are
    found from a position without dividing.
    """

    shift: int
    column: Whole
    row: Whole
    offset: Ints
    steps: Whole

    @classmethod
    def of(cls, side: int, shift: int, samples: int) -> "_Grid":
        row, column = np.divmod(np.arange(side * side, dtype=np.int32), np.int32(side))
        steps = (np.arange(side, dtype=np.int32) * np.int32(SNAP))[:, None]
        return cls(shift, column, row, row.astype(np.int64) * samples + column, steps)

    @property
    def at_once(self) -> int:
        return 1 << self.shift


def _stamp(triangles: Projected, grid: _Grid, buffer: Buffer) -> None:
    columns, rows = triangles.first
    x = ((triangles.x - columns - 0.5) * SNAP).astype(np.int32)
    y = ((triangles.y - rows - 0.5) * SNAP).astype(np.int32)
    inside = _edge(x, y, 0, grid.steps)
    for corner in (1, 2):
        np.minimum(inside, _edge(x, y, corner, grid.steps), out=inside)
    found = np.flatnonzero(inside >= 0)
    cell, triangle = found >> grid.shift, found & (grid.at_once - 1)
    z_0, z_x, z_y = triangles.depth_plane()
    z_0 += z_x * (columns + 0.5) + z_y * (rows + 0.5)
    depth = z_0[triangle] + z_x[triangle] * grid.column[cell] + z_y[triangle] * grid.row[cell]
    place = (rows * buffer.samples + columns)[triangle] + grid.offset[cell]
    buffer.put(place, depth, triangles.numbers[triangle])


def _edge(x: Whole, y: Whole, corner: int, steps: Whole) -> Whole:
    """Positive or zero inside, (row, column, triangle); centres on an edge belong to the lower right."""
    after = (corner + 1) % 3
    run, rise = x[after] - x[corner], y[after] - y[corner]
    owns = (rise < 0) | ((rise == 0) & (run > 0))
    base = rise * x[corner] - run * y[corner] - np.where(owns, np.int32(0), np.int32(1))
    result: Whole = (base - rise * steps)[None] + (run * steps)[:, None]
    return result
