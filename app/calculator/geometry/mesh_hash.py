"""Corners and edges of triangles as 64-bit hashes of their exact bits; triangles as planes of coordinates."""

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.part import Triangles

Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

BLOCK_TRIANGLES = 16_384
"""So many at a time stay in the cache."""

CORNER_AFTER = (1, 2, 0)

_MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)
_HALF_WORD = np.uint64(32)


def planes_of(triangles: Triangles) -> npt.NDArray[np.float32]:
    """The corners as (coordinate, corner, triangle): planes are contiguous runs without negative zeros."""
    planes = np.ascontiguousarray(triangles.transpose(2, 1, 0))
    planes += np.float32(0)  # -0.0 and 0.0 are one place but two bit patterns
    return planes


def corner_hashes(planes: npt.NDArray[np.float32]) -> Hashes:
    """A 64-bit hash of every corner's exact bits, (corner, triangle); expects no negative zeros."""
    bits = planes.view(np.uint32).astype(np.uint64)
    hashes: Hashes = bits[0] * _MIX[0]
    hashes += bits[1] * _MIX[1]
    hashes += bits[2] * _MIX[2]
    hashes ^= hashes >> _HALF_WORD
    hashes *= _MIX[3]
    return hashes


def edge_hashes(tails: Hashes, heads: Hashes) -> Hashes:
    """A hash of every undirected edge between two hashed corners."""
    keys: Hashes = np.minimum(tails, heads)
    keys ^= keys >> _HALF_WORD
    keys *= _MIX[4]
    keys += np.maximum(tails, heads)
    keys ^= keys >> _HALF_WORD
    keys *= _MIX[3]
    return keys
