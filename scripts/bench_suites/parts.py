"""STL parts of any size."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

Mesh = npt.NDArray[np.float32]

RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
RING_MM, OUTER_MM, INNER_MM = 60.0, 20.0, 15.0
SEED = 20


def tube_stl(path: Path, triangles: int) -> Path:
    """A hollow ring as binary STL: an outer torus and an inner one turned inside out, facets shuffled.

    Closed, two shells, about ``triangles`` facets (never fewer).
    """
    across = max(3, round(math.sqrt(triangles / 16)))
    around = math.ceil(triangles / (4 * across))
    mesh = np.concatenate([torus(OUTER_MM, around, across), torus(INNER_MM, around, across)[:, ::-1]])
    return _written(path, mesh)


def blob_stl(path: Path, triangles: int) -> Path:
    """A ring with waves of three lengths all over it: a closed free form on no simple surface."""
    across = max(3, round(math.sqrt(triangles / 8)))
    around = math.ceil(triangles / (2 * across))
    mesh = torus(OUTER_MM, around, across).astype(np.float64)
    for length_mm, height_mm in ((31.0, 3.0), (11.3, 1.0), (5.7, 0.3)):
        mesh += height_mm * np.sin(np.roll(mesh, 1, axis=2) * (2 * math.pi / length_mm))
    return _written(path, mesh.astype(np.float32))


def _written(path: Path, mesh: Mesh) -> Path:
    """As binary STL, its triangles in no order."""
    np.random.default_rng(SEED).shuffle(mesh)
    records = np.zeros(len(mesh), dtype=RECORD)
    records["corners"] = mesh
    with path.open("wb") as file:
        file.write(b"tube".ljust(80, b"\0") + np.uint32(len(mesh)).tobytes())
        records.tofile(file)
    return path


def torus(tube_mm: float, around: int, across: int) -> Mesh:
    """A closed torus about z, outward facets."""
    u = np.arange(around)[:, None] * 2 * math.pi / around
    v = np.arange(across)[None] * 2 * math.pi / across
    radius = RING_MM + tube_mm * np.cos(v)
    points = np.stack(
        np.broadcast_arrays(radius * np.cos(u), radius * np.sin(u), tube_mm * np.sin(v)), axis=-1
    ).astype(np.float32)
    a, b = points, np.roll(points, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(a, -1, axis=1)
    return np.concatenate([np.stack(corners, axis=2).reshape(-1, 3, 3) for corners in ((a, b, c), (a, c, d))])
