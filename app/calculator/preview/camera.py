"""Where a part is looked at from, and how it is laid into its picture."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.part import Triangles
from app.contract.pictures import View

Floats = npt.NDArray[np.float64]
Planes = npt.NDArray[np.float32]
"""Shape (3, 3, n): coordinate, corner, triangle. x runs right, y down, z towards the eye."""

MARGIN = 0.05
"""Left free on every side, as a share of the frame."""
BLOCK_TRIANGLES = 32_768
"""So many at once stay in the processor's cache."""

_UP = np.array([0.0, 0.0, 1.0])
_NORTH = np.array([0.0, 1.0, 0.0])
_EYES: dict[View, tuple[float, float, float]] = {
    "iso": (1, -1, 1),
    "iso-back": (-1, 1, 1),
    "iso-below": (1, -1, -1),
    "front": (0, -1, 0),
    "back": (0, 1, 0),
    "left": (-1, 0, 0),
    "right": (1, 0, 0),
    "top": (0, 0, 1),
    "bottom": (0, 0, -1),
}


@dataclass(frozen=True)
class Seen:
    """A part turned towards the eye, in millimetres about its first corner, and its outline's box."""

    planes: Planes
    low: Floats
    high: Floats

    @property
    def extent_mm(self) -> float:
        """The larger side of the box of the outline."""
        return float((self.high - self.low)[:2].max())


@dataclass(frozen=True)
class Frame:
    """How millimetres of a turned part become samples of a square picture, and depth a share of one."""

    samples: int
    scale: float
    middle: Floats
    depth_mm: float

    @property
    def nearest_mm(self) -> float:
        """The depth that becomes 1."""
        return float(self.middle[2]) + self.depth_mm / 2


def turn(view: View) -> Floats:
    """The rotation whose rows are right, down and towards the eye; z is up, as CAD programs have it."""
    eye = np.array(_EYES[view], dtype=np.float64)
    eye /= np.linalg.norm(eye)
    right = np.cross(_UP, eye)
    if not right.any():
        right = np.cross(_NORTH * eye[2], eye)
    right /= np.linalg.norm(right)
    return np.stack((right, np.cross(right, eye), eye))


def look(triangles: Triangles, view: View) -> Seen:
    """Turn the part. Coordinate by coordinate, so that equal corners stay equal to the bit."""
    rotation, origin = turn(view).astype(np.float32), triangles[0, 0][:, None, None]
    planes = np.zeros((3, 3, len(triangles)), dtype=np.float32)
    for start in range(0, len(triangles), BLOCK_TRIANGLES):
        block = slice(start, start + BLOCK_TRIANGLES)
        x, y, z = np.ascontiguousarray(triangles[block].transpose(2, 1, 0)) - origin
        for row, (along_x, along_y, along_z) in enumerate(rotation):
            planes[row, :, block] = along_x * x + along_y * y + along_z * z
    low, high = ([float(extreme(plane)) for plane in planes] for extreme in (np.min, np.max))
    return Seen(planes, np.array(low), np.array(high))


def frame(seen: Seen, extent_mm: float, samples: int) -> Frame:
    """The part in the middle of a square picture that would hold ``extent_mm`` between its margins."""
    scale = samples * (1 - 2 * MARGIN) / extent_mm
    depth_mm = max(float(seen.high[2] - seen.low[2]), extent_mm * 1e-6)
    return Frame(samples, scale, (seen.low + seen.high) / 2, depth_mm)
