"""Which way up a part is best printed.

Candidates are the axes of the file, the largest facets of the convex hull (what a part can stand on) and the
largest flat faces. The least support wins, then the lowest height, then the largest contact with the plate;
nearly equal is equal, and then the part stays as it was drawn.
"""

from dataclasses import dataclass

import numpy as np

from app.calculator.analysis.hull import Hull
from app.calculator.analysis.overhang import LYING, STEEPEST_DEG, Facets, Spread, columns, overhang
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.rays import Rays
from app.contract.geometry import Overhang

MOST_HULL_FACETS = 6
MOST_FLAT_FACES = 6
SAMPLES = 2_048
"""Places all over the surface by which the candidates are compared."""

SAME_SUPPORT = 0.01
"""Support volumes that differ by less than this share of the hull are equal."""
SAME_HEIGHT = 0.02
"""The same for heights, by the diagonal."""
SAME_CONTACT = 0.02
"""The same for contact areas, by the area of the part."""

_PARALLEL = 0.999
_NORMAL_STEPS = 200
_AXES = ((0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))


def overhangs(facets: Facets, rays: Rays, hull: Hull) -> tuple[Overhang, ...]:
    """The part as drawn (z up), and the best direction where that is a better one."""
    upwards = _candidates(facets, hull)
    scale = _Scale.of(facets, hull)
    drawn = overhang(facets, rays, upwards[0])
    chosen = _best(facets, rays, hull, scale, upwards)
    if chosen == 0:
        return (drawn,)
    best = overhang(facets, rays, upwards[chosen])
    return (drawn, best) if scale.is_better(best, drawn) else (drawn,)


@dataclass(frozen=True)
class _Scale:
    """How much support (mm3), height (mm) and contact (mm2) is too little to count."""

    support: float
    height: float
    contact: float

    @classmethod
    def of(cls, facets: Facets, hull: Hull) -> "_Scale":
        area = float(facets.areas_mm2.sum())
        return cls(SAME_SUPPORT * hull.volume_mm3, SAME_HEIGHT * facets.diagonal_mm, SAME_CONTACT * area)

    def score(self, support_mm3: float, height_mm: float, contact_mm2: float) -> tuple[int, int, int]:
        """The smaller the better."""
        steps = (support_mm3 / self.support, height_mm / self.height, -contact_mm2 / self.contact)
        return (round(steps[0]), round(steps[1]), round(steps[2]))

    def is_better(self, one: Overhang, other: Overhang) -> bool:
        """By more than what counts, in the first of the three that differ so much."""
        gains = (
            (other.support_volume_mm3 - one.support_volume_mm3) / self.support,
            (other.height_mm - one.height_mm) / self.height,
            (one.contact_mm2 - other.contact_mm2) / self.contact,
        )
        return next((gain > 0 for gain in gains if abs(gain) > 1), False)


def _candidates(facets: Facets, hull: Hull) -> list[Floats]:
    """Unit vectors upwards, z first."""
    found: list[Floats] = []
    faces = _flat_faces(facets)
    down = (*hull.normals[:MOST_HULL_FACETS], *faces)
    for up in (*(np.array(axis, dtype=np.float64) for axis in _AXES), *(-normal for normal in down)):
        if all(float(up @ other) < _PARALLEL for other in found):
            found.append(up)
    return found


def _flat_faces(facets: Facets) -> Floats:
    """The directions that show the most area, as mean normals."""
    steps = np.round(facets.normals * _NORMAL_STEPS).astype(np.int64) + _NORMAL_STEPS
    base = 2 * _NORMAL_STEPS + 1
    _, facing = np.unique((steps[:, 0] * base + steps[:, 1]) * base + steps[:, 2], return_inverse=True)
    areas = np.bincount(facing, weights=facets.areas_mm2)
    largest = np.argsort(-np.round(areas, 6), kind="stable")[:MOST_FLAT_FACES]
    sums = [np.bincount(facing, weights=facets.areas_mm2 * facets.normals[:, axis]) for axis in range(3)]
    normals = np.stack(sums, axis=1)[largest].astype(np.float64)
    units: Floats = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    return units


@dataclass(frozen=True)
class _Sampled:
    """A part as places on its surface, each standing for ``area_mm2``, and the corners of its hull."""

    spread: Spread
    normals: Floats
    area_mm2: float
    corners: Floats


def _best(facets: Facets, rays: Rays, hull: Hull, scale: _Scale, upwards: list[Floats]) -> int:
    spread = facets.spread(facets.areas_mm2, SAMPLES)
    share = float(facets.areas_mm2.sum()) / SAMPLES
    sampled = _Sampled(spread, facets.normals[spread.facets], share, hull.corners)
    scores = [scale.score(*_estimate(sampled, rays, up, facets.layer_mm)) for up in upwards]
    return min(range(len(scores)), key=lambda index: scores[index])


def _estimate(sampled: _Sampled, rays: Rays, up: Floats, layer_mm: float) -> tuple[float, float, float]:
    """Support volume, height and contact area from the places alone."""
    heights = sampled.corners @ up
    low, height = float(heights.min()), float(np.ptp(heights))
    looks = sampled.normals @ up
    touches = (sampled.spread.places @ up <= low + layer_mm) & (looks < LYING)
    hangs = (looks < -np.sin(np.radians(STEEPEST_DEG))) & ~touches
    down = columns(rays, up, sampled.spread.places[hangs], low)
    support = float((down * -looks[hangs]).sum()) * sampled.area_mm2
    return support, height, float(np.count_nonzero(touches)) * sampled.area_mm2
