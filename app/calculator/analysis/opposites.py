"""Walls that face each other: through the material (thickness) or through the open (gaps)."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from app.calculator.analysis.samples import Probe
from app.calculator.geometry.rays import NOTHING, Floats, Numbers

OPPOSED = float(np.cos(np.radians(30)))
"""Walls that converge by more than thirty degrees are an edge or a corner; a ray between them grazes."""
LAYERS = 3
"""So many triangles met from their wrong side are passed: badly made meshes have them."""
SIMILAR = 1.25
AGREEING = 2
NEIGHBOURS = 8
"""Two of the eight next ones must be no more than a quarter above: one alone may be a fault of the mesh."""
NEAR = 3.0
"""How far off a neighbour may be, by its value or the mean spacing of samples."""
CANDIDATES = 1_024
COMPARED = 4_096
"""So many of the smallest values are tried, and compared with so many."""


class Side(Enum):
    """Where a wall is looked for, as the sense of the normal."""

    inwards = -1.0
    outwards = 1.0


@dataclass(frozen=True)
class Opposites:
    """The samples that face a wall (by their number), how far off it is, and its triangle."""

    rows: npt.NDArray[np.intp]
    distance_mm: Floats
    triangles: Numbers


def opposites(probe: Probe, side: Side) -> Opposites:
    """What each sample faces along its normal; those that face nothing, or a wall aslant, are left out."""
    samples = probe.samples
    directions = side.value * samples.normals
    passed_mm, triangle = np.zeros(len(samples)), np.full(len(samples), NOTHING, dtype=np.int32)
    facing = np.zeros(len(samples))
    rows = np.arange(len(samples))
    for _ in range(LAYERS):
        starts = samples.points[rows] + passed_mm[rows, None] * directions[rows]
        distance, hit = probe.rays.first_hits(starts, directions[rows])
        there = hit != NOTHING
        rows, distance, hit = rows[there], distance[there], hit[there]
        passed_mm[rows] += distance
        triangle[rows] = hit
        facing[rows] = -side.value * (probe.normals[hit] * directions[rows]).sum(axis=1)
        rows = rows[facing[rows] <= 0]
        if not len(rows):
            break
    found = np.flatnonzero(facing >= OPPOSED)
    return Opposites(found, passed_mm[found], triangle[found])


def least_agreed(values: Floats, points: Floats, reach_mm: Floats) -> int | None:
    """The number of the smallest value that its neighbours confirm; ``None`` when none is confirmed.

    A neighbour lies within ``reach_mm`` of the value's own point.
    """
    order = np.argsort(values, kind="stable")[:COMPARED]
    if len(order) <= AGREEING:
        return None
    tried = order[:CANDIDATES]
    away_mm, near = cKDTree(points[order]).query(points[tried], k=min(NEIGHBOURS + 1, len(order)))
    close = away_mm <= reach_mm[tried, None]
    similar = values[order[near]] <= SIMILAR * values[tried, None]
    agreed = np.flatnonzero((close & similar).sum(axis=1) > AGREEING)  # each is its own neighbour too
    return int(tried[agreed[0]]) if len(agreed) else None


def near_mm(distance_mm: Floats, areas_mm2: Floats) -> Floats:
    """How far off the neighbours of a sample may be, by what it measured and by the mean spacing of all."""
    spacing_mm = float(np.sqrt(areas_mm2.mean())) if len(areas_mm2) else 0.0
    return NEAR * np.maximum(distance_mm, spacing_mm)
