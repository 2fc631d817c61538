"""Axis-aligned boxes."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Point = tuple[float, float, float]
Corner = npt.NDArray[np.float64]


def bounds(points: npt.NDArray[Any]) -> tuple[Corner, Corner]:
    """The lowest and the highest coordinates of places, (n, 3).

    Column by column: along rows of three numpy takes ten times as long.
    """
    low, high = (
        np.array([best(points[:, axis]) for axis in range(3)], dtype=np.float64) for best in (np.min, np.max)
    )
    return low, high


def diagonal_of(points: npt.NDArray[Any]) -> float:
    """The length of the diagonal of the box around places, (n, 3)."""
    low, high = bounds(points)
    return float(np.linalg.norm(high - low))


@dataclass(frozen=True)
class Box:
    """Lowest and highest corner in millimetres."""

    low: Point
    high: Point

    @property
    def extents_mm(self) -> Point:
        """Lengths along x, y, z."""
        return (
            self.high[0] - self.low[0],
            self.high[1] - self.low[1],
            self.high[2] - self.low[2],
        )

    @property
    def diagonal_mm(self) -> float:
        """Length from corner to corner."""
        return sqrt(sum(extent * extent for extent in self.extents_mm))

    @property
    def volume_mm3(self) -> float:
        """Volume of the box itself."""
        x_mm, y_mm, z_mm = self.extents_mm
        return x_mm * y_mm * z_mm
