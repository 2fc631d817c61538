"""Which triangle every sample of a picture shows."""

import numpy as np
import numpy.typing as npt

from app.calculator.preview.camera import Frame, Planes
from app.calculator.preview.depth import TILE, Buffer
from app.calculator.preview.projected import Ints, Projected, away, towards
from app.calculator.preview.spans import fill
from app.calculator.preview.stamps import SIDES, stamp


def rasterise(planes: Planes, frame: Frame) -> Buffer:
    """Draw all triangles, both sides of them.

    What faces the eye comes first; what faces away, seen only where the part is open, is then mostly hidden
    and left out before it costs anything.
    """
    buffer = Buffer(frame.samples)
    behind: list[Ints] = []
    for block, others in towards(planes, frame):
        _draw(block, buffer)
        behind.append(others)
    farthest = buffer.farthest()
    for block in away(planes, frame, np.concatenate(behind)):
        _draw(block.take(np.flatnonzero(_may_be_seen(block, farthest))), buffer)
    return buffer


def _draw(triangles: Projected, buffer: Buffer) -> None:
    """Those of a size together, by the way that suits the size."""
    width, height = triangles.last - triangles.first
    sides = np.maximum(width, height)
    smaller = 0
    for side in SIDES:
        stamp(triangles, np.flatnonzero((sides > smaller) & (sides <= side)), side, buffer)
        smaller = side
    fill(triangles.take(np.flatnonzero(sides > smaller)), buffer)


def _may_be_seen(triangles: Projected, farthest: Ints) -> npt.NDArray[np.bool_]:
    """False where all tiles under a small triangle are nearer than its nearest corner."""
    left, top = triangles.first // TILE
    right, bottom = (triangles.last - 1) // TILE
    behind = np.minimum(
        np.minimum(farthest[top, left], farthest[top, right]),
        np.minimum(farthest[bottom, left], farthest[bottom, right]),
    )
    is_small = (right - left <= 1) & (bottom - top <= 1)
    nearest = np.maximum(np.maximum(triangles.z[0], triangles.z[1]), triangles.z[2])
    seen: npt.NDArray[np.bool_] = ~is_small | (nearest >= behind)
    return seen
