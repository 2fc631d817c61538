"""Round faces that share an axis.

Directions and places of axes are gathered with k-d trees over distinct rounded values, so thousands of
holes take little more than linear time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.calculator.features.graph import Face
from app.calculator.features.surfaces import FULL_TURN, Floats
from app.calculator.features.tolerance import SAME_AXIS_MM, SAME_DIRECTION

_ROUND_DIRECTION = 7
_ROUND_MM = 4


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A line in space with its faces; positions along it are measured from ``origin``."""

    origin: Floats
    direction: Floats
    first: Floats
    second: Floats
    faces: tuple[Face, ...]

    def along(self, place: Floats) -> float:
        """Position of a place along the axis, in millimetres."""
        return float((place - self.origin) @ self.direction)

    def at(self, along_mm: float) -> Floats:
        """The place at a position along the axis."""
        place: Floats = self.origin + along_mm * self.direction
        return place

    def range_of(self, face: Face) -> tuple[float, float]:
        """Lowest and highest position of a round face."""
        surface = face.surface
        sign = 1.0 if float(surface.axis @ self.direction) > 0 else -1.0
        start = self.along(surface.origin)
        low, high = sorted(start + sign * end for end in surface.along_mm)
        return low, high

    def is_across(self, face: Face) -> bool:
        """A flat face square to the axis: a floor, a step, the end of a shaft."""
        return face.kind == "plane" and abs(float(face.surface.axis @ self.direction)) > 1 - SAME_DIRECTION

    def radius_of(self, face: Face, along_mm: float) -> float:
        """Radius of a cylinder or cone at a position along this axis."""
        surface = face.surface
        sign = 1.0 if float(surface.axis @ self.direction) > 0 else -1.0
        return surface.radius_at(sign * (along_mm - self.along(surface.origin)))

    def arc_of(self, face: Face) -> tuple[float, float]:
        """Where around the axis the face begins and how far it turns, in radians."""
        surface = face.surface
        low, high = surface.turn
        rising = float(np.cross(surface.first, surface.second) @ self.direction) > 0
        from_angle = low if rising else high
        ray = np.cos(from_angle) * surface.first + np.sin(from_angle) * surface.second
        return atan2(float(ray @ self.second), float(ray @ self.first)) % FULL_TURN, high - low


def gather_axes(faces: Sequence[Face], centre: Floats) -> list[Axis]:
    """Faces of revolution grouped by their common axis, in the order of the lowest face id.

    ``centre`` is a place near the part; every axis has its origin at the point nearest to it.
    """
    if not faces:
        return []
    directions = np.array([face.surface.axis for face in faces])
    families = _clusters(_upright(directions), SAME_DIRECTION, _ROUND_DIRECTION)
    found: list[Axis] = []
    for family in families:
        found += _parallel([faces[row] for row in family], directions[family[0]], centre)
    return sorted(found, key=lambda axis: axis.faces[0].id)


def _parallel(faces: list[Face], direction: Floats, centre: Floats) -> list[Axis]:
    """Axes of one direction, by where they pass the plane through the centre."""
    first = np.cross(direction, np.eye(3)[int(np.abs(direction).argmin())])
    first /= np.linalg.norm(first)
    second = np.cross(direction, first)
    arms = np.array([face.surface.origin for face in faces]) - centre
    feet = np.stack((arms @ first, arms @ second), axis=1)
    axes = []
    for cluster in _clusters(feet, SAME_AXIS_MM, _ROUND_MM):
        x, y = feet[cluster[0]]
        own = tuple(faces[row] for row in cluster)
        sign = 1.0 if float(own[0].surface.axis @ direction) > 0 else -1.0
        axes.append(Axis(centre + x * first + y * second, direction * sign, first, second * sign, own))
    return axes


def _upright(directions: Floats) -> Floats:
    """Opposite directions are one: twice the outer product tells a line without its sense."""
    x, y, z = directions.T
    return np.stack((x * x, y * y, z * z, x * y, y * z, z * x), axis=1)


def _clusters(points: Floats, tolerance: float, digits: int) -> list[list[int]]:
    """Rows that lie within the tolerance of one another, each in rising order."""
    distinct, rows = np.unique(np.round(points, digits), axis=0, return_inverse=True)
    pairs = cKDTree(distinct).query_pairs(tolerance, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(distinct),) * 2)
    labels = connected_components(links, directed=False)[1][rows.reshape(-1)]
    found: dict[int, list[int]] = {}
    for row, label in enumerate(labels.tolist()):
        found.setdefault(label, []).append(row)
    return list(found.values())


def covered(arcs: Sequence[tuple[float, float]]) -> float:
    """Share of the full turn that the arcs (start, length) cover together."""
    pieces: list[tuple[float, float]] = []
    for start, length in arcs:
        end = start + min(length, FULL_TURN)
        pieces.append((start, min(end, FULL_TURN)))
        if end > FULL_TURN:
            pieces.append((0.0, end - FULL_TURN))
    total, reached = 0.0, 0.0
    for start, end in sorted(pieces):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total / FULL_TURN
