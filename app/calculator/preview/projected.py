"""Triangles on their way into a picture: corners in samples, depth in steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.preview.camera import BLOCK_TRIANGLES, Floats, Frame, Planes

Ints = npt.NDArray[np.int64]

DEPTH_STEPS = 2.0**30
_SLACK_STEPS = 2.0**16
"""Left free in front and behind, for what a sliver's plane may overshoot by rounding."""
SNAP = 256.0
"""Corners lie on this many places per sample: neighbours share their edge exactly, and no gap is left."""


@dataclass(frozen=True)
class Projected:
    """Triangles by number, (corner, triangle), wound so that the part is right of an edge that runs down.

    ``turn`` is twice the area in samples, positive; ``first`` and ``last`` bound the samples whose centres
    may lie inside, (column or row, triangle), the last ones excluded.
    """

    numbers: Ints
    x: Floats
    y: Floats
    z: Floats
    turn: Floats
    first: Ints
    last: Ints

    def take(self, chosen: Ints) -> "Projected":
        """Some of them."""
        x, y, z = (np.take(plane, chosen, axis=1) for plane in (self.x, self.y, self.z))
        first, last = (np.take(bound, chosen, axis=1) for bound in (self.first, self.last))
        return Projected(self.numbers[chosen], x, y, z, self.turn[chosen], first, last)

    def depth_plane(self) -> tuple[Floats, Floats, Floats]:
        """Depth at the corner of the picture, and how it grows per sample to the right and down."""
        u_x, u_y, u_z = self.x[1] - self.x[0], self.y[1] - self.y[0], self.z[1] - self.z[0]
        v_x, v_y, v_z = self.x[2] - self.x[0], self.y[2] - self.y[0], self.z[2] - self.z[0]
        along_x = (u_z * v_y - v_z * u_y) / self.turn
        along_y = (u_x * v_z - v_x * u_z) / self.turn
        return self.z[0] - along_x * self.x[0] - along_y * self.y[0], along_x, along_y


def towards(planes: Planes, frame: Frame) -> Iterator[tuple[Projected, Ints]]:
    """What faces the eye, block by block, and the numbers of what faces away."""
    for start in range(0, planes.shape[2], BLOCK_TRIANGLES):
        chosen = planes[:, :, start : start + BLOCK_TRIANGLES]
        x, y, z, turn = _placed(chosen, frame)
        facing = np.flatnonzero(turn < 0)
        away = np.flatnonzero(turn > 0) + start
        yield _ranged(facing + start, (x, y, z), facing, (0, 2, 1), -turn[facing], frame), away


def away(planes: Planes, frame: Frame, numbers: Ints) -> Iterator[Projected]:
    """These triangles, which face away, block by block."""
    for start in range(0, len(numbers), BLOCK_TRIANGLES):
        chosen = numbers[start : start + BLOCK_TRIANGLES]
        x, y, z, turn = _placed(np.take(planes, chosen, axis=2), frame)
        yield _ranged(chosen, (x, y, z), np.arange(len(chosen)), (0, 1, 2), turn, frame)


def _placed(planes: Planes, frame: Frame) -> tuple[Floats, Floats, Floats, Floats]:
    x, y = (
        np.rint(
            planes[axis] * (frame.scale * SNAP)
            + (frame.samples / 2 - frame.middle[axis] * frame.scale) * SNAP
        )
        / SNAP
        for axis in (0, 1)
    )
    steps_per_mm = (DEPTH_STEPS - 2 * _SLACK_STEPS) / frame.depth_mm
    z = planes[2] * steps_per_mm + (DEPTH_STEPS - _SLACK_STEPS - frame.nearest_mm * steps_per_mm)
    turn = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    return x, y, z, turn


def _ranged(
    numbers: Ints,
    corners: tuple[Floats, Floats, Floats],
    chosen: Ints,
    order: tuple[int, int, int],
    turn: Floats,
    frame: Frame,
) -> Projected:
    """The chosen triangles without those that hold no centre of a sample."""
    x, y, z = (np.stack([plane[corner][chosen] for corner in order]) for plane in corners)
    first = np.stack([_first(np.minimum(np.minimum(p[0], p[1]), p[2]), frame) for p in (x, y)])
    last = np.stack([_first(np.maximum(np.maximum(p[0], p[1]), p[2]), frame) for p in (x, y)])
    found = Projected(numbers, x, y, z, turn, first, last)
    return found.take(np.flatnonzero((last > first).all(axis=0)))


def _first(edge: Floats, frame: Frame) -> Ints:
    """The first sample whose centre lies at the edge or behind it."""
    return np.ceil(edge - 0.5).clip(0, frame.samples).astype(np.int64)
