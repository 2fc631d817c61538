"""The room in and around a closed surface, divided into cubes: which of them are material.

Along lines through the middles of the cubes, surfaces entered and not yet left are counted, once along each
axis; two of three axes decide, so that a line that runs along an edge does no harm. A wall that lies wholly
between two middles is material as well: no wall is too thin to be seen.
"""

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.box import bounds
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.part import Triangles

Cells = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

MARGIN = 2
"""Free cells all round, so that the outside hangs together."""

MOST_CROSSINGS = 6_000_000
"""More places where lines may meet triangles are not looked at: the grid would cost seconds."""

_PIECE = 500_000
_OFF_CENTRE = (0.01370917, 0.01731207)
"""Lines stand this far beside the middles (in cells): edges of parts are seldom there."""
_DEPTHS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
_ENOUGH_VOTES = 2


@dataclass(frozen=True)
class Grid:
    """``material`` by cell; the middle of cell (0, 0, 0) is ``first``, cells are ``cell_mm`` wide."""

    material: Cells
    first: Floats
    cell_mm: float

    def place(self, cell: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> Floats:
        """Where the middle of a cell is."""
        middle: Floats = self.first + self.cell_mm * cell
        return middle


class _Crossings(NamedTuple):
    """Row, column and depth (in cells) of every crossing; ``turns`` is 1 where a line enters material."""

    rows: Whole
    columns: Whole
    depths: Floats
    turns: Whole


_NO_ROWS = np.zeros(0, dtype=np.int64)
_NONE = _Crossings(_NO_ROWS, _NO_ROWS, np.zeros(0), _NO_ROWS)


def divide(triangles: Triangles, cells: int) -> Grid | None:
    """A grid with so many cells along the longest extent; ``None`` when it would take too long."""
    corners = triangles.reshape(-1, 3)
    low, high = bounds(corners)
    cell_mm = float((high - low).max()) / cells
    counts = [ceil(extent / cell_mm) + 2 * MARGIN for extent in (high - low).tolist()]
    first = (low + high) / 2 - (np.array(counts) - 1) / 2 * cell_mm
    planes = np.ascontiguousarray(triangles.transpose(2, 1, 0)).astype(np.float64)
    planes = (planes - first[:, None, None]) / cell_mm
    votes, thin = np.zeros(counts, dtype=np.int8), np.zeros(counts, dtype=np.bool_)
    for axes in _DEPTHS:
        crossed = _crossings(planes, axes)
        if crossed is None:
            return None
        inside, walls = _filled(crossed, [counts[axis] for axis in axes])
        back = np.argsort(axes)
        votes += inside.transpose(back)
        thin |= walls.transpose(back)
    return Grid((votes >= _ENOUGH_VOTES) | thin, first, cell_mm)


def _crossings(corners: Floats, axes: tuple[int, int, int]) -> _Crossings | None:
    """Where lines along the last axis meet triangles; ``corners`` is (coordinate, corner, triangle)."""
    u, v = corners[axes[0]] - _OFF_CENTRE[0], corners[axes[1]] - _OFF_CENTRE[1]
    start_u, span_u = _lines(u)
    start_v, span_v = _lines(v)
    lines = span_u * span_v
    if int(lines.sum()) > MOST_CROSSINGS:
        return None
    found: list[_Crossings] = []
    meeting = np.flatnonzero(lines)
    for chosen in _pieces(meeting, lines[meeting]):
        triangle = np.repeat(chosen, lines[chosen])
        number = np.arange(len(triangle)) - np.repeat(np.cumsum(lines[chosen]) - lines[chosen], lines[chosen])
        row, column = np.divmod(number, span_v[triangle])
        row += start_u[triangle]
        column += start_v[triangle]
        one, two, three = _weights(u[:, triangle] - row, v[:, triangle] - column)
        hit = ((one > 0) & (two > 0) & (three > 0)) | ((one < 0) & (two < 0) & (three < 0))
        one, two, three, depth = one[hit], two[hit], three[hit], corners[axes[2]][:, triangle[hit]]
        twice = one + two + three
        depth = (one * depth[0] + two * depth[1] + three * depth[2]) / twice
        found.append(_Crossings(row[hit], column[hit], depth, np.where(twice < 0, 1, -1)))
    return _Crossings(*(np.concatenate(parts) for parts in zip(*found, strict=True))) if found else _NONE


def _lines(across: Floats) -> tuple[Whole, Whole]:
    """The first line within every triangle's reach, and how many there are."""
    low = np.minimum(np.minimum(across[0], across[1]), across[2])
    high = np.maximum(np.maximum(across[0], across[1]), across[2])
    first = np.ceil(low).astype(np.int64)
    return first, np.maximum(np.floor(high).astype(np.int64) - first + 1, 0)


def _pieces(chosen: Whole, lines: Whole) -> list[Whole]:
    """The triangles in portions of about as many lines."""
    return np.split(chosen, np.flatnonzero(np.diff(np.cumsum(lines) // _PIECE)) + 1) if len(chosen) else []


def _weights(u: Floats, v: Floats) -> tuple[Floats, Floats, Floats]:
    """Twice the signed areas the origin makes with the sides of every triangle."""
    return u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]


def _filled(crossed: _Crossings, counts: list[int]) -> tuple[Cells, Cells]:
    """Cells whose middle is inside along the lines of one axis, and those nearest to a thinner wall.

    A surface between the middles of two cells is counted at the farther one.
    """
    shape = (counts[0], counts[1], counts[2])
    farther = np.clip(np.ceil(crossed.depths).astype(np.int64), 0, counts[2] - 1)
    keys = (crossed.rows * counts[1] + crossed.columns) * counts[2] + farther
    steps = np.zeros(shape, dtype=np.int16)
    np.add.at(steps.reshape(-1), keys, crossed.turns.astype(np.int16))
    winding = np.cumsum(steps, axis=2, dtype=np.int16)
    winding[winding[:, :, -1] != 0] = 0
    inside = winding != 0  # a mesh that is inside out has the same inside
    walls = np.zeros(shape, dtype=np.bool_)
    entered = keys[crossed.turns > 0]
    walls.reshape(-1)[entered[steps.reshape(-1)[entered] <= 0]] = True
    return inside, walls & ~inside
