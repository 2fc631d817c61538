"""Axis-aligned boxes."""

from dataclasses import dataclass
from math import sqrt

Point = tuple[float, float, float]


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
