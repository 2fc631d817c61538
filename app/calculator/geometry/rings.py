"""Many closed rings of corners as one table: what is asked of all of them is asked at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.curves import Floats

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rings:
    """Corners (n, 2) ring after ring, the row at which each begins, and every row's ring and next row."""

    corners: Floats
    first: Numbers
    owner: Numbers
    following: Numbers

    @classmethod
    def of(cls, rings: Sequence[Floats]) -> "Rings":
        """A table of rings (n, 2), none of them empty."""
        sizes = np.array([len(ring) for ring in rings], dtype=np.int64)
        ends = np.cumsum(sizes)
        first = ends - sizes
        following = np.arange(1, int(sizes.sum()) + 1)
        following[ends - 1] = first
        corners = np.concatenate(rings) if len(rings) else np.zeros((0, 2))
        return cls(corners, first, np.repeat(np.arange(len(rings)), sizes), following)

    def __len__(self) -> int:
        return len(self.first)

    @property
    def ends(self) -> Floats:
        """Where the edge that begins at each corner ends."""
        ends: Floats = self.corners[self.following]
        return ends

    def summed(self, values: Floats) -> Floats:
        """Ring by ring the sum of one value (or row of values) per corner."""
        total: Floats = np.add.reduceat(values, self.first, axis=0)
        return total

    def highest(self, values: Floats) -> Floats:
        """Ring by ring the greatest of one value (or row of values) per corner."""
        greatest: Floats = np.maximum.reduceat(values, self.first, axis=0)
        return greatest

    def counts(self) -> Numbers:
        """How many corners each ring has."""
        return np.bincount(self.owner, minlength=len(self))
