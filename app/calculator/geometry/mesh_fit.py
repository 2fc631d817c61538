"""Cylinders, cones, tori and spheres through the vertices of a row of facets.

A program that exports triangles puts their corners on the true surface; their middles lie off it. So the
vertices are fitted, by Gauss and Newton's method, and the diameter is that of the true circle and not of the
polygon in it. Normals of facets only give the start.
"""

from dataclasses import dataclass, replace
from math import atan, cos, hypot, inf, pi, sin
from typing import Literal

import numpy as np

from app.calculator.geometry.mesh_hash import Floats

RoundKind = Literal["cylinder", "cone", "torus", "sphere"]

STEPS = 12
HOPEFUL = 0.6
"""A step that does not bring the worst vertex this much nearer leads nowhere."""

STEEPEST = 1.48
"""Half angle (radians, 85 degrees) up to which a ring of facets is a cone and not a flat ring."""

STRAIGHT_RAD = 1e-3
"""Half angle below which a cone is a cylinder."""

MOST_NOISES = 4.0
"""Vertices may lie off the surface by so many times the noise of their coordinates."""

SAGITTA_SHARE = 0.03
"""And by this share of what the middles of the facets do."""

TURNS = 3
MOST_TURNED = 1.5
"""About another direction vertices may lie off by this much more than before."""

_ENOUGH = 1e-3
"""A step smaller than this share of the tolerance is the last one."""


@dataclass(frozen=True, eq=False)
class Round:
    """A surface of revolution; ``radius_mm`` of a cone is the one at ``origin``.

    The radius grows by the tangent of ``half_angle`` along ``axis``; ``tube_mm`` is the radius of a torus'
    tube, whose centre runs at ``radius_mm``. ``concave``: the material lies outside. All vertices lie within
    ``tolerance_mm``.
    """

    kind: RoundKind
    origin: Floats
    axis: Floats
    radius_mm: float
    concave: bool
    half_angle: float = 0.0
    tube_mm: float = 0.0
    tolerance_mm: float = 0.0

    def polar(self, places: Floats) -> tuple[Floats, Floats, Floats]:
        """Distance from the axis, height along it, and the unit vectors away from it."""
        arms = places - self.origin
        heights = arms @ self.axis
        away = arms - heights[:, None] * self.axis
        distances = np.linalg.norm(away, axis=1)
        return distances, heights, away / np.maximum(distances, np.finfo(np.float64).tiny)[:, None]

    def distances(self, places: Floats) -> Floats:
        """How far places lie off the surface, positive outside."""
        away, heights, _ = self.polar(places)
        if self.kind in {"torus", "sphere"}:
            off: Floats = np.hypot(away - self.radius_mm, heights) - self.tube_mm
            return off
        straight: Floats = (away - self.radius_mm) * cos(self.half_angle) - heights * sin(self.half_angle)
        return straight

    def normals(self, places: Floats) -> Floats:
        """Unit normals out of the material at the places of the surface nearest to these."""
        away, heights, rays = self.polar(places)
        if self.kind in {"torus", "sphere"}:
            found = (away - self.radius_mm)[:, None] * rays + heights[:, None] * self.axis
            found /= np.maximum(np.linalg.norm(found, axis=1), np.finfo(np.float64).tiny)[:, None]
        else:
            found = rays * cos(self.half_angle) - self.axis * sin(self.half_angle)
        return -found if self.concave else found


@dataclass(frozen=True, eq=False)
class Flat:
    """A plane with its normal out of the material."""

    origin: Floats
    normal: Floats


def fitted_round(
    vertices: Floats, centres: Floats, normals: Floats, *, step: float, noise_mm: float
) -> Round | None:
    """The cylinder or cone on which the vertices of the facets lie, or ``None``.

    ``step`` is the angle between neighbouring facets: vertices must lie much nearer to the surface than the
    middles of such facets do.
    """
    middle = vertices.mean(axis=0)
    places = vertices - middle
    found = _start(centres - middle, normals)
    if found is None:
        return None
    tolerance_mm = max(MOST_NOISES * noise_mm, SAGITTA_SHARE * sagitta_mm(found.radius_mm, step))
    found = _refined(found, places, tolerance_mm)
    if found is None or abs(found.half_angle) > STEEPEST:
        return None
    if np.abs(found.distances(places)).max() > tolerance_mm:
        return None
    along = (places - found.origin) @ found.axis
    found = _centred(found, float(along.min() + along.max()) / 2)
    if found.radius_mm <= tolerance_mm:
        return None
    return replace(found, origin=found.origin + middle, tolerance_mm=tolerance_mm)


def across(axis: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors that make a right-handed frame with the axis."""
    x, y, z = axis.tolist()
    if abs(x) <= min(abs(y), abs(z)):
        one = (0.0, z, -y)
    elif abs(y) <= abs(z):
        one = (-z, 0.0, x)
    else:
        one = (y, -x, 0.0)
    length = hypot(*one)
    p, q, r = one[0] / length, one[1] / length, one[2] / length
    return np.array((p, q, r)), np.array((y * r - z * q, z * p - x * r, x * q - y * p))


def _start(centres: Floats, normals: Floats) -> Round | None:
    """All normals keep one angle to the axis; every centre less its normal times the radius is on it."""
    _, sizes, rows = np.linalg.svd(normals - normals.mean(axis=0), full_matrices=False)
    if sizes[1] <= STRAIGHT_RAD:
        return None
    axis = rows[2]
    slope = float((normals @ axis).mean())
    if abs(slope) > sin(STEEPEST):
        return None
    plane = np.stack(across(axis))
    flat, along, rays = centres @ plane.T, centres @ axis, normals @ plane.T
    rays /= np.maximum(np.linalg.norm(rays, axis=1), STRAIGHT_RAD)[:, None]
    growth = -slope / (1 - slope * slope) ** 0.5
    unknowns = np.zeros((2 * len(centres), 3))
    unknowns[0::2, 0], unknowns[1::2, 1] = 1.0, 1.0
    unknowns[:, 2] = rays.reshape(-1)
    wanted = flat - (along * growth)[:, None] * rays
    found, *_ = np.linalg.lstsq(unknowns, wanted.reshape(-1), rcond=None)
    radius = float(found[2])
    sign = 1.0 if radius > 0 else -1.0
    return Round("cone", found[:2] @ plane, axis, abs(radius), radius < 0, atan(growth * sign))


def _refined(found: Round, vertices: Floats, tolerance_mm: float) -> Round | None:
    """Least squares of the distances over tilt, shift, radius and growth."""
    last = inf
    for _ in range(STEPS):
        plane = np.stack(across(found.axis))
        away, heights, rays = found.polar(vertices)
        growth = np.tan(found.half_angle)
        off = away - found.radius_mm - growth * heights
        turned = rays @ plane.T
        unknowns = np.concatenate(
            (
                -turned,
                -(heights + growth * away)[:, None] * turned,
                np.stack((-np.ones(len(off)), -heights), axis=1),
            ),
            axis=1,
        )
        step, *_ = np.linalg.lstsq(unknowns, -off, rcond=None)
        found = _stepped(found, step, plane, growth)
        worst = float(np.abs(off).max())
        if worst > max(last, tolerance_mm):
            return None
        if float(np.abs(step[[0, 1, 4]]).max()) < _ENOUGH * tolerance_mm:
            break
        last = HOPEFUL * worst
    return found if found.radius_mm > 0 else None


def _stepped(found: Round, step: Floats, plane: Floats, growth: float) -> Round:
    axis = found.axis + step[2:4] @ plane
    return replace(
        found,
        origin=found.origin + step[:2] @ plane,
        axis=axis / np.linalg.norm(axis),
        radius_mm=found.radius_mm + float(step[4]),
        half_angle=atan(growth + float(step[5])),
    )


def _centred(found: Round, along_mm: float) -> Round:
    """The same surface with its origin amid its vertices; a cone that hardly grows is a cylinder."""
    straight = abs(found.half_angle) < STRAIGHT_RAD
    return replace(
        found,
        kind="cylinder" if straight else "cone",
        origin=found.origin + along_mm * found.axis,
        radius_mm=found.radius_mm + along_mm * float(np.tan(found.half_angle)),
        half_angle=0.0 if straight else found.half_angle,
    )


def turned_to(found: Round, axis: Floats, vertices: Floats) -> Round:
    """The cylinder or cone fitted again about a given direction; unchanged where the vertices object."""
    turned = replace(found, axis=axis if float(axis @ found.axis) > 0 else -axis)
    for _ in range(TURNS):
        away, heights, rays = turned.polar(vertices)
        growth = np.tan(turned.half_angle)
        off = away - turned.radius_mm - growth * heights
        plane = np.stack(across(turned.axis))
        slope = np.stack((-np.ones(len(off)), -heights), axis=1)[:, : 1 if turned.kind == "cylinder" else 2]
        step, *_ = np.linalg.lstsq(np.concatenate((-(rays @ plane.T), slope), axis=1), -off, rcond=None)
        full = np.concatenate((step[:2], (0.0, 0.0), step[2:], (0.0,)))[:6]
        turned = _stepped(turned, full, plane, growth)
    worst = float(np.abs(turned.distances(vertices)).max())
    return turned if worst <= MOST_TURNED * found.tolerance_mm else found


def fitted_ring(vertices: Floats, like: Round) -> Round | None:
    """The torus or sphere about the axis of ``like`` on which the vertices lie, or ``None``."""
    surface = ring_about(vertices, like)
    if surface is None or np.abs(surface.distances(vertices)).max() > like.tolerance_mm:
        return None
    return surface


def ring_about(vertices: Floats, like: Round) -> Round | None:
    """The torus or sphere about the axis of ``like`` that comes nearest to the vertices, or ``None``."""
    away, heights, _ = like.polar(vertices)
    unknowns = np.stack((2 * away, 2 * heights, np.ones(len(away))), axis=1)
    found, _, rank, _ = np.linalg.lstsq(unknowns, away * away + heights * heights, rcond=None)
    ring, level, rest = found.tolist()
    square = rest + ring * ring + level * level
    if rank < len(found) or square <= 0 or ring < -like.tolerance_mm:
        return None
    is_sphere = abs(ring) <= like.tolerance_mm
    return replace(
        like,
        kind="sphere" if is_sphere else "torus",
        origin=like.origin + level * like.axis,
        radius_mm=0.0 if is_sphere else ring,
        half_angle=0.0,
        tube_mm=square**0.5,
    )


def sagitta_mm(radius_mm: float, step: float) -> float:
    """How far a chord that spans the angle ``step`` leaves its circle."""
    return radius_mm * (1 - cos(min(step, pi) / 2))
