"""Printing a part with one of its directions upwards: what hangs over, what must be held up, how high it is.

A face hangs over when it leans by more than 45 degrees from the vertical and looks down, and does not lie on
the plate. The columns under it are measured along rays from places spread evenly over its projection: what
every place stands for is known, so the sum has no chance in it.
"""

from dataclasses import dataclass
from functools import cached_property
from math import radians, sin

import numpy as np

from app.calculator.geometry.box import diagonal_of
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.surface import Surface
from app.contract.geometry import Overhang

STEEPEST_DEG = 45.5
"""From the vertical; half a degree more than the rule, for the facets of a cone of 45 degrees."""

LAYER_MM = 0.1
"""What is less than a layer above the plate lies on it."""
LAYER_RELATIVE = 1e-3
"""Small parts are printed in finer layers: this share of the diagonal."""

LYING = -0.9
"""Facets that look down this squarely may lie on the plate (cosine)."""

COLUMNS = 2_048
"""Columns measured under the overhangs of one direction."""

_GOLDEN = (0.7548776662466927, 0.5698402909980532)
"""Steps of the sequence that fills a square evenly (Roberts 2018)."""


@dataclass(frozen=True)
class Spread:
    """Places spread over facets, each standing for the same share of them."""

    places: Floats
    facets: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Facets:
    """Every triangle of a surface with its unit normal and its area."""

    surface: Surface

    @cached_property
    def corners(self) -> Floats:
        """In double precision."""
        return self.surface.triangles.astype(np.float64)

    @cached_property
    def _twice(self) -> Floats:
        """Twice the area vectors, outwards even where the whole mesh is inside out."""
        first, second = self.corners[:, 1] - self.corners[:, 0], self.corners[:, 2] - self.corners[:, 0]
        across: Floats = np.cross(first, second)
        flat = self.corners.reshape(-1, 3)
        middle = np.array([flat[:, axis].mean() for axis in range(3)])
        six_volume = float(np.einsum("ij,ij->", self.corners[:, 0] - middle, across))
        return across if six_volume >= 0 else -across

    @cached_property
    def areas_mm2(self) -> Floats:
        """Of every triangle."""
        areas: Floats = np.linalg.norm(self._twice, axis=1) / 2
        return areas

    @cached_property
    def normals(self) -> Floats:
        """Outwards; nought for triangles without area."""
        doubled = 2 * self.areas_mm2
        return self._twice / np.where(doubled > 0, doubled, 1.0)[:, None]

    @cached_property
    def layer_mm(self) -> float:
        """How thick a layer of this part is taken to be."""
        return min(LAYER_MM, LAYER_RELATIVE * self.diagonal_mm)

    @cached_property
    def diagonal_mm(self) -> float:
        """Of the box around the part."""
        return diagonal_of(self.corners.reshape(-1, 3))

    def spread(self, weights: Floats, count: int) -> Spread:
        """Places on the facets, as many on each as its weight says; always the same ones."""
        total = np.cumsum(weights)
        steps = np.arange(count)
        chosen = np.searchsorted(total, (steps + 0.5) / count * total[-1])
        chosen = np.minimum(chosen, len(weights) - 1)
        first, second = (((steps + 1) * step) % 1.0 for step in _GOLDEN)
        beyond = first + second > 1
        first, second = np.where(beyond, 1 - first, first), np.where(beyond, 1 - second, second)
        shares = np.stack((1 - first - second, first, second), axis=1)
        places: Floats = np.einsum("ij,ijk->ik", shares, self.corners[chosen])
        return Spread(places, chosen)


def overhang(facets: Facets, rays: Rays, up: Floats) -> Overhang:
    """What printing with ``up`` away from the plate means."""
    heights = facets.corners @ up
    low, high = float(heights.min()), float(heights.max())
    looks = facets.normals @ up
    tops = np.maximum(np.maximum(heights[:, 0], heights[:, 1]), heights[:, 2])
    touches = (tops <= low + facets.layer_mm) & (looks < LYING)
    hangs = (looks < -sin(radians(STEEPEST_DEG))) & ~touches
    x, y, z = (up + 0.0).tolist()
    return Overhang(
        up=(x, y, z),
        area_mm2=float(facets.areas_mm2[hangs].sum()),
        support_volume_mm3=_support(facets, rays, up, np.where(hangs, -looks * facets.areas_mm2, 0.0), low),
        contact_mm2=float(facets.areas_mm2[touches].sum()),
        height_mm=high - low,
        wall_mm2=float((facets.areas_mm2 * np.sqrt(np.clip(1 - looks * looks, 0.0, None))).sum()),
        roof_mm2=float((facets.areas_mm2 * np.clip(looks, 0.0, None)).sum()),
    )


def _support(facets: Facets, rays: Rays, up: Floats, projected_mm2: Floats, plate: float) -> float:
    """The columns below, each down to the plate or to the part."""
    total = float(projected_mm2.sum())
    if total <= 0:
        return 0.0
    places = facets.spread(projected_mm2, COLUMNS).places
    return total * float(columns(rays, up, places, plate).mean())


def columns(rays: Rays, up: Floats, places: Floats, plate: float) -> Floats:
    """How far it is from every place straight down to the part or to the plate."""
    down = np.broadcast_to(-up, places.shape)
    distance, _ = rays.first_hits(places, down)
    return np.minimum(distance, np.maximum(places @ up - plate, 0.0))
