"""The least an STL analysis can do: read the file once, sum over it once. Shares no code with ours."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

HEADER_BYTES, RECORD_FLOATS_FROM, RECORD_FLOATS_TO = 84, 12, 48
"""A record: normal (12 bytes), three corners (36 bytes), two bytes nobody uses."""
BLOCK = 16_384
ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)

Words = npt.NDArray[np.uint64]


class Sums(NamedTuple):
    """What one pass tells: volume and area, the box, and whether every edge met its reverse."""

    volume_mm3: float
    area_mm2: float
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    is_closed: bool


def sums(path: Path) -> Sums:
    """Read and sum."""
    records = np.fromfile(path, dtype="V50", offset=HEADER_BYTES)
    corners = np.ndarray(
        (len(records), 3, 3), "<f4", records.data, RECORD_FLOATS_FROM, strides=(records.itemsize, 12, 4)
    )
    volume = area = 0.0
    boundary = 0
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for start in range(0, len(corners), BLOCK):
        planes = np.ascontiguousarray(corners[start : start + BLOCK].transpose(2, 1, 0))
        flat = planes.reshape(3, -1)
        low, high = np.minimum(low, flat.min(axis=1)), np.maximum(high, flat.max(axis=1))
        six_volumes, twice_areas = _masses(planes.astype(np.float64))
        volume += six_volumes / 6
        area += twice_areas / 2
        boundary += _boundary(planes)
    x, y, z = low.tolist()
    far_x, far_y, far_z = high.tolist()
    return Sums(volume, area, (x, y, z), (far_x, far_y, far_z), boundary % 2**64 == 0)


def _masses(planes: npt.NDArray[np.float64]) -> tuple[float, float]:
    ux, uy, uz = planes[:, 1] - planes[:, 0]
    vx, vy, vz = planes[:, 2] - planes[:, 0]
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    x, y, z = planes[:, 0]
    return float((x * nx + y * ny + z * nz).sum()), float(np.sqrt(nx * nx + ny * ny + nz * nz).sum())


def _boundary(planes: npt.NDArray[np.float32]) -> int:
    """Hashes of directed edges, each with the opposite sign of its reverse: nought on a closed surface."""
    bits = planes.view(np.uint32).astype(np.uint64)
    hashes: Words = bits[0] * np.uint64(ODD[0]) ^ bits[1] * np.uint64(ODD[1]) ^ bits[2] * np.uint64(ODD[2])
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(ODD[0])
    ahead = hashes[[1, 2, 0]]
    return int((hashes * (ahead * ahead)).sum()) - int((ahead * (hashes * hashes)).sum())
