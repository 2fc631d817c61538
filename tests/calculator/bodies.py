"""Bodies with known answers: triangles by hand, and STL bytes in every dialect."""

import math
import struct
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Mesh = npt.NDArray[np.float32]


def box(x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    """Twelve triangles, outward normals."""
    corners = np.array([[i, j, k] for i in (0, x) for j in (0, y) for k in (0, z)], dtype=np.float64)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [triangle for a, b, c, d in quads for triangle in ((a, b, c), (a, c, d))]
    mesh: Mesh = (corners[faces] + np.array(at)).astype(np.float32)
    return mesh


def torus(ring_mm: float, tube_mm: float, around: int = 60, across: int = 30) -> Mesh:
    """A closed torus about z; volume approaches 2 pi^2 R r^2 from below."""
    u = np.arange(around)[:, None] * 2 * math.pi / around
    v = np.arange(across)[None] * 2 * math.pi / across
    radius = ring_mm + tube_mm * np.cos(v)
    points = np.stack(
        np.broadcast_arrays(radius * np.cos(u), radius * np.sin(u), tube_mm * np.sin(v)), axis=-1
    )
    a, b = points, np.roll(points, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(a, -1, axis=1)
    halves = [np.stack((a, b, c), axis=2), np.stack((a, c, d), axis=2)]
    return np.concatenate([half.reshape(-1, 3, 3) for half in halves]).astype(np.float32)


def turned(mesh: Mesh, degrees: float, about: tuple[float, float, float]) -> Mesh:
    """The mesh rotated about an axis through the origin (Rodrigues)."""
    axis = np.array(about) / np.linalg.norm(about)
    angle = math.radians(degrees)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    rotation = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    result: Mesh = (mesh.astype(np.float64) @ rotation.T).astype(np.float32)
    return result


def flipped(mesh: Mesh) -> Mesh:
    """Every triangle the other way round."""
    return mesh[:, ::-1, :].copy()


def binary_stl(mesh: Mesh, *, count: int | None = None, header: bytes = b"", tail: bytes = b"") -> bytes:
    records = np.zeros(len(mesh), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("flags", "<u2")])
    records["corners"] = mesh
    promised = len(mesh) if count is None else count
    return header.ljust(80, b"\x00") + struct.pack("<I", promised) + records.tobytes() + tail


def ascii_stl(meshes: Iterable[Mesh], *, newline: str = "\n", name: str = "part") -> bytes:
    lines: list[str] = []
    for mesh in meshes:
        lines.append(f"solid {name}")
        for triangle in mesh.tolist():
            lines += ["facet normal 0 0 0", "outer loop"]
            lines += [f"vertex {x!r} {y!r} {z!r}" for x, y, z in triangle]
            lines += ["endloop", "endfacet"]
        lines.append(f"endsolid {name}")
    return newline.join([*lines, ""]).encode()
