"""Rooms inside a part that are wider than the way into them: how narrow it is, where, and how many there are.

A ball of growing diameter is rolled in from the outside. A room that could hold it and is not reached has
only narrower ways out; between the last ball that came in and the first that did not, their width is found
by halving, and then measured with rays.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from app.calculator.analysis.hollow_grid import Cells, Grid, Whole
from app.calculator.geometry.mesh_hash import Floats

PROBES_MM = (1.0, 2.0, 3.0, 5.0)
"""Diameters of the ball; powder and resin find their way out of anything wider."""

HALVINGS = 3
MOST_ROOMS = 16
"""The largest rooms are looked at."""

LEAST_ROOM_CELLS = 8
"""Smaller rooms are noise of the grid."""

_EVERY_NEIGHBOUR = np.ones((3, 3, 3), dtype=np.bool_)
_ROOM, _OUTSIDE = 1, 2


@dataclass(frozen=True)
class Exits:
    """The widest way out of a room in millimetres, where it is narrowest, and how many ways there are.

    A room whose ways are too narrow for the grid has none that could be counted; ``place`` is in the room.
    """

    width_mm: float
    place: Floats
    count: int


@dataclass(frozen=True)
class _Space:
    """Free cells with the diameter of the largest ball around the middle of each."""

    grid: Grid
    balls_mm: Floats

    def rooms(self, ball_mm: float) -> tuple[npt.NDArray[np.int32], int]:
        """Where the middle of such a ball may be, in numbered regions, and the number of the outside."""
        regions, _ = ndimage.label(self.balls_mm >= ball_mm)
        return regions, int(regions[0, 0, 0])


def has_hidden_rooms(grid: Grid) -> bool:
    """Whether there may be a room inside: free cells that nobody sees along an axis, three deep."""
    hidden = ~grid.material
    for axis in range(3):
        hidden &= np.logical_or.accumulate(grid.material, axis=axis)
        hidden &= np.flip(np.logical_or.accumulate(np.flip(grid.material, axis), axis=axis), axis)
    return bool(ndimage.binary_erosion(hidden).any())


def narrowest_exits(grid: Grid) -> Exits | None:
    """Those of the room that is the hardest to empty; ``None`` when every ball comes in everywhere."""
    balls = (2 * ndimage.distance_transform_edt(~grid.material) - 1).astype(np.float32) * grid.cell_mm
    inner = balls[1:-1, 1:-1, 1:-1].copy()
    balls[:] = np.inf
    balls[1:-1, 1:-1, 1:-1] = inner
    space = _Space(grid, balls)
    passed = 0.0
    for probe in (grid.cell_mm / 2, *(size for size in PROBES_MM if size > grid.cell_mm)):
        seeds = _shut_rooms(space, probe)
        if len(seeds):
            return _closed(space, seeds) if passed == 0 else _exits(space, seeds, passed, probe)
        passed = probe
    return None


def _shut_rooms(space: _Space, probe_mm: float) -> Whole:
    """The roomiest cell of every room that the ball does not reach."""
    regions, outside = space.rooms(probe_mm)
    sizes = np.bincount(regions.ravel())
    sizes[[0, outside]] = 0
    largest = np.argsort(-sizes, kind="stable")[:MOST_ROOMS]
    seeds = [_roomiest(space, regions == room) for room in largest[sizes[largest] >= LEAST_ROOM_CELLS]]
    roomy = [seed for seed in seeds if space.balls_mm[seed] >= probe_mm + 2 * space.grid.cell_mm]
    return np.array(roomy, dtype=np.int64).reshape(-1, 3)


def _roomiest(space: _Space, cells: Cells) -> tuple[int, int, int]:
    x, y, z = np.unravel_index(int(np.where(cells, space.balls_mm, 0.0).argmax()), cells.shape)
    return int(x), int(y), int(z)


def _closed(space: _Space, seeds: Whole) -> Exits:
    return Exits(space.grid.cell_mm, space.grid.place(seeds[0]), 0)


def _exits(space: _Space, seeds: Whole, passed_mm: float, stuck_mm: float) -> Exits:
    """The ways out of the first room to be shut while the ball grows."""
    for _ in range(HALVINGS):
        middle = (passed_mm + stuck_mm) / 2
        regions, outside = space.rooms(middle)
        shut = seeds[regions[tuple(seeds.T)] != outside]
        if len(shut):
            seeds, stuck_mm = shut, middle
        else:
            passed_mm = middle
    regions, outside = space.rooms(stuck_mm)
    room = int(regions[tuple(seeds[0])])
    owners = _shared_out(~space.grid.material, regions == room, regions == outside)
    meeting = _meeting(owners)
    ways, count = ndimage.label(meeting, structure=_EVERY_NEIGHBOUR)
    if not count:
        return _closed(space, seeds)
    cells = np.argwhere(meeting)
    balls = space.balls_mm[meeting]
    widest = (ways[meeting] == ways[meeting][int(balls.argmax())]) & (balls == balls.max())
    nearest = cells[widest]
    middle_cell = nearest[int(np.linalg.norm(nearest - nearest.mean(axis=0), axis=1).argmin())]
    return Exits((passed_mm + stuck_mm) / 2, space.grid.place(middle_cell), count)


def _shared_out(free: Cells, room: Cells, outside: Cells) -> npt.NDArray[np.int8]:
    """Every free cell belongs to the room or to the outside, whichever is nearer on foot."""
    owners = np.where(room, _ROOM, np.where(outside, _OUTSIDE, 0)).astype(np.int8)
    flat, unclaimed = owners.reshape(-1), free & (owners == 0)
    first = {owner: ndimage.binary_dilation(owners == owner) & unclaimed for owner in (_ROOM, _OUTSIDE)}
    fronts = {owner: np.flatnonzero(cells) for owner, cells in first.items()}
    for owner in (_OUTSIDE, _ROOM):
        flat[fronts[owner]] = owner
    while any(len(front) for front in fronts.values()):
        for owner, front in fronts.items():
            reached = np.unique(np.concatenate(list(_beside(front, owners.shape))))
            reached = reached[free.reshape(-1)[reached] & (flat[reached] == 0)]
            flat[reached] = owner
            fronts[owner] = reached
    return owners


def _beside(cells: Whole, shape: tuple[int, ...]) -> Iterator[Whole]:
    """The six neighbours; beyond the border it goes on at the other side, where everything is outside."""
    size = int(np.prod(shape))
    for step in (1, shape[2], shape[1] * shape[2]):
        yield (cells + step) % size
        yield (cells - step) % size


def _meeting(owners: npt.NDArray[np.int8]) -> Cells:
    """Cells of the room next to one of the outside."""
    outside = ndimage.binary_dilation(owners == _OUTSIDE)
    meeting: Cells = (owners == _ROOM) & outside
    return meeting
