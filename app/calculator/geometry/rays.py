"""Rays cast at the surface of a part: by Embree, or by an R-tree of boxes where there is no Embree."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.box import bounds
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.ray_tree import RayTree
from app.calculator.geometry.surface import Surface

try:
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene
except ImportError:  # there are no wheels for aarch64
    EmbreeScene = None

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Truths = npt.NDArray[np.bool_]

NOTHING = -1
"""The triangle of a ray that hits nothing; its distance is infinite."""

LIFT_RELATIVE = 2e-6
"""Rays start this far off the surface, by the size of the part: some thirty steps of single precision."""

BLOCK = 65_536
"""Rays cast at a time."""


class Caster(Protocol):
    """Answers for rays that start exactly where they are told to."""

    def hits(self, origins: Floats, directions: Floats) -> tuple[Floats, Numbers]:
        """Distance to the first triangle and its number, or infinity and ``NOTHING``."""
        ...

    def blocked(self, origins: Floats, directions: Floats) -> Truths:
        """Whether there is any triangle on the way."""
        ...


class Embree:
    """Intel's ray tracing kernels over a copy of the triangles."""

    def __init__(self, triangles: Triangles) -> None:
        with _one_core():
            self._scene = EmbreeScene(robust=True)
            self._mesh = TriangleMesh(self._scene, np.ascontiguousarray(triangles, dtype=np.float32))
            self.hits(np.zeros((1, 3)), np.array([[0.0, 0.0, 1.0]]))

    def hits(self, origins: Floats, directions: Floats) -> tuple[Floats, Numbers]:
        """Distance to the first triangle and its number."""
        found = self._scene.run(_single(origins), _single(directions), output=1)
        triangle: Numbers = found["primID"]
        return np.where(triangle == NOTHING, np.inf, found["tfar"]).astype(np.float64), triangle

    def blocked(self, origins: Floats, directions: Floats) -> Truths:
        """Whether there is any triangle on the way."""
        hit: Truths = self._scene.run(_single(origins), _single(directions), query="OCCLUDED") != NOTHING
        return hit


class Rays:
    """The one ray caster; lengths in millimetres, places relative to the origin of the surface.

    Rays start on the surface or anywhere else. So that those do not hit what they start from, every origin
    is moved by ``lift_mm`` along ``leaving`` first: along the rays themselves when nothing else is said,
    along the normals for rays that run along their own wall. Directions and ``leaving`` are unit vectors of
    shape (n, 3). One that is not ``is_quick`` takes some hundred times as long.
    """

    def __init__(self, surface: Surface, engine: Callable[[Triangles], Caster] | None = None) -> None:
        corners = surface.triangles.reshape(-1, 3)
        low, high = bounds(corners)
        size = float(max(np.abs(low).max(), np.abs(high).max(), np.linalg.norm(high - low)))
        self.lift_mm = LIFT_RELATIVE * size
        self._caster = (engine or best_engine())(surface.triangles)
        self.is_quick = not isinstance(self._caster, RayTree)

    def first_hits(
        self, origins: Floats, directions: Floats, leaving: Floats | None = None
    ) -> tuple[Floats, Numbers]:
        """Distance to the first triangle on the way and its number; infinity and ``NOTHING`` without one."""
        distance, triangle = np.full(len(origins), np.inf), np.full(len(origins), NOTHING, dtype=np.int32)
        for rows in _blocks(len(origins)):
            starts = self._lifted(origins[rows], directions[rows], leaving, rows)
            distance[rows], triangle[rows] = self._caster.hits(starts, directions[rows])
        return distance + (self.lift_mm if leaving is None else 0.0), triangle

    def occluded(self, origins: Floats, directions: Floats, leaving: Floats | None = None) -> Truths:
        """Whether anything of the part is on the way."""
        blocked = np.zeros(len(origins), dtype=np.bool_)
        for rows in _blocks(len(origins)):
            starts = self._lifted(origins[rows], directions[rows], leaving, rows)
            blocked[rows] = self._caster.blocked(starts, directions[rows])
        return blocked

    def _lifted(self, origins: Floats, directions: Floats, leaving: Floats | None, rows: slice) -> Floats:
        starts: Floats = origins + self.lift_mm * (directions if leaving is None else leaving[rows])
        return starts


def best_engine() -> Callable[[Triangles], Caster]:
    """Embree where it exists."""
    return RayTree if EmbreeScene is None else Embree


def _blocks(count: int) -> Iterator[slice]:
    for start in range(0, count, BLOCK):
        yield slice(start, start + BLOCK)


def _single(vectors: Floats) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(vectors, dtype=np.float32)


@contextmanager
def _one_core() -> Iterator[None]:
    """Embree starts as many threads as it sees cores, the first time it is asked for anything.

    They would not survive the fork of a child, and each of them takes address space from its limit.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores: Any = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
