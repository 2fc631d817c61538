"""Bends of sheet metal: an inner and an outer round wall on one axis, one thickness apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, degrees, log10, tan

import numpy as np

from app.calculator.features.axes import Axis, gather_axes
from app.calculator.features.found import Found, direction, figure
from app.calculator.features.graph import Face, Link
from app.calculator.features.surfaces import Floats
from app.calculator.features.tolerance import FULL_ROUND, SAME_RADIUS_MM, TOUCHING_MM

KIND = "bend"

SAME_SPAN = 0.05
"""Inner and outer wall turn by the same angle within this many radians."""

LEAST_SPAN = 0.05
"""A smaller turn (radians, three degrees) is no bend a press would be set up for."""

BOTH_SIDES = 2

SAME_LENGTH = 0.01
"""Folds and area of a bend tell the same length within this share."""

_WIDE_RADIUS = 5.0
_FULL_TURN_SHARE = 6.283185307179586 * FULL_ROUND

SURE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """Inner and outer face, inner radius and thickness in millimetres, angle in radians."""

    axis: Axis
    inner: Face
    outer: Face
    thickness_mm: float

    @property
    def radius_mm(self) -> float:
        """The inner radius."""
        return self.inner.surface.radius_mm

    @property
    def angle(self) -> float:
        """By how much the sheet turns, in radians: between its panels, which tell it best."""
        span = self.inner.surface.span
        panels = [link.other(self.inner).surface for link in self.inner.links if link.smooth]
        normals = [panel.normal for panel in panels if panel.kind == "plane"]
        if len(normals) != BOTH_SIDES:
            return span
        one, two = normals
        between = atan2(float(np.linalg.norm(np.cross(one, two))), float(one @ two))
        return between if abs(between - span) <= SAME_SPAN else span

    @property
    def length_mm(self) -> float:
        """Length along the axis, on average where its ends are cut at an angle or it has openings.

        Of a fitted wall the folds tell it better than its area, as long as they do not contradict it.
        """
        length = self.inner.area_mm2 / (self.radius_mm * self.inner.surface.span)
        folds = [
            link.length_mm
            for link in self.inner.links
            if link.smooth and link.other(self.inner).kind == "plane"
        ]
        if not self.inner.surface.fitted or len(folds) != BOTH_SIDES:
            return length
        between = sum(folds) / BOTH_SIDES
        return between if abs(between - length) <= SAME_LENGTH * length else length

    @property
    def allowance_mm(self) -> float:
        """Length of the bend in the flat pattern: the arc of the fibre that keeps its length."""
        return self.angle * (self.radius_mm + k_factor(self.radius_mm, self.thickness_mm) * self.thickness_mm)

    @property
    def flange_mm(self) -> float | None:
        """Outer length of its shorter side, from where the outer faces would meet.

        Beyond a right angle from where the bend is widest; ``None`` where no flat panel follows.
        """
        sides = [_length_beside(self, link) for link in self.inner.links if link.smooth]
        setback = (self.radius_mm + self.thickness_mm) * min(1.0, tan(self.angle / 2))
        return min((side + setback for side in sides if side), default=None)

    @property
    def place(self) -> Floats:
        """On the axis, in the middle of the bend."""
        return self.axis.at(sum(self.axis.range_of(self.inner)) / 2)


def _length_beside(bend: Bend, link: Link) -> float | None:
    """How far the panel beyond an edge of the bend reaches, square to the axis."""
    panel = link.other(bend.inner)
    if panel.kind != "plane":
        return None
    away = np.cross(bend.axis.direction, panel.surface.normal)
    places = np.array([place for other in panel.links for place in (*other.ends, other.middle)])
    return float(np.abs((places - link.middle) @ away).max())


def k_factor(radius_mm: float, thickness_mm: float) -> float:
    """Where the neutral fibre runs, as a share of the thickness from the inside.

    DIN 6935: k = 0.65 + 0.5 lg(r/s) of half the thickness, and 1 from r/s = 5.
    """
    ratio = radius_mm / thickness_mm
    if ratio >= _WIDE_RADIUS:
        return 0.5
    return min(1.0, max(0.0, 0.65 + 0.5 * log10(ratio))) / 2


def bends_of(faces: list[Face], centre: Floats) -> Iterator[Bend]:
    """All bends among the faces of one body."""
    partial = [
        face
        for face in faces
        if face.kind == "cylinder" and LEAST_SPAN < face.surface.span < _FULL_TURN_SHARE
    ]
    for axis in gather_axes(partial, centre):
        inner = [face for face in axis.faces if face.surface.concave and not _is_corner(face)]
        outer = sorted(
            (face for face in axis.faces if face.surface.convex), key=lambda face: face.surface.radius_mm
        )
        for one in inner:
            two = next((face for face in outer if _is_other_side(axis, one, face)), None)
            if two is not None:
                yield Bend(axis, one, two, two.surface.radius_mm - one.surface.radius_mm)


def _is_corner(face: Face) -> bool:
    """The wall stands on a floor: the corner of a pocket."""
    return any(link.concave for link in face.links)


def _is_other_side(axis: Axis, inner: Face, outer: Face) -> bool:
    if outer.surface.radius_mm <= inner.surface.radius_mm + SAME_RADIUS_MM:
        return False
    if abs(outer.surface.span - inner.surface.span) > SAME_SPAN:
        return False
    low, high = axis.range_of(inner)
    other_low, other_high = axis.range_of(outer)
    if min(high, other_high) - max(low, other_low) < TOUCHING_MM:
        return False
    middles = [axis.arc_of(face) for face in (inner, outer)]
    apart = abs((middles[0][0] + middles[0][1] / 2) - (middles[1][0] + middles[1][1] / 2)) % _TURN
    return min(apart, _TURN - apart) < SAME_SPAN


_TURN = 6.283185307179586


def as_found(bend: Bend) -> Found:
    """The feature a person sees."""
    figures = {
        "radius_mm": figure(bend.radius_mm),
        "angle_deg": figure(degrees(bend.angle)),
        "length_mm": figure(bend.length_mm),
        "thickness_mm": figure(bend.thickness_mm),
        "allowance_mm": figure(bend.allowance_mm),
        "flange_mm": None if bend.flange_mm is None else figure(bend.flange_mm),
        "axis": direction(bend.axis.direction),
    }
    return Found(KIND, frozenset({bend.inner, bend.outer}), bend.place, SURE, figures)
