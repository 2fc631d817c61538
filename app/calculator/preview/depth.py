"""The depth buffer: which triangle every sample of a picture shows, and how near it is."""

from functools import reduce

import numpy as np

from app.calculator.preview.camera import Floats
from app.calculator.preview.projected import Ints

NOTHING = -1
"""Where no triangle is seen."""
TILE = 8
_TRIANGLE_BITS = 32


class Buffer:
    """Depth and triangle of every sample in one whole number, so that the largest is the nearest."""

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.cells: Ints = np.full(samples * samples, NOTHING, dtype=np.int64)

    def put(self, place: Ints, depth: Floats, number: Ints) -> None:
        """Triangles at samples, kept where nothing nearer is; of equals the last in the file."""
        keys = depth.astype(np.int64)
        keys <<= _TRIANGLE_BITS
        keys |= number
        np.maximum.at(self.cells, place, keys)

    def depth(self, samples: Ints) -> Ints:
        """Of samples counted row by row, in steps; larger is nearer, negative is nothing."""
        return np.take(self.cells, samples) >> _TRIANGLE_BITS

    def triangle(self) -> Ints:
        """The number of the triangle of every sample, row by row, or ``NOTHING``."""
        return self.cells.astype(np.int32).astype(np.intp)

    def farthest(self) -> Ints:
        """The farthest depth within every tile: what lies behind it all over a tile is not seen there."""
        tiles = -(-self.samples // TILE)
        padded = np.full((tiles * TILE, tiles * TILE), NOTHING, dtype=np.int64)
        padded[: self.samples, : self.samples] = self.cells.reshape(self.samples, self.samples)
        rows = padded.reshape(tiles, TILE, tiles * TILE)
        lowest = reduce(np.minimum, (rows[:, row] for row in range(TILE)))
        columns = lowest.reshape(tiles, tiles, TILE)
        return reduce(np.minimum, (columns[:, :, column] for column in range(TILE))) >> _TRIANGLE_BITS
