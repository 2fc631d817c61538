"""Pockets and slots: sunk regions with a floor and upright walls, or windows that go through.

Rules. A region is closed when walls line its floor all round, open when the floor runs out of the part but
two flat walls face each other, and through when a ring of walls has no floor. It is a slot when two flat
walls face each other and nothing but round ends or the outside is between them, or when it is three times
as long as wide. In sheet metal only windows count: what is open is its outline. Shoulders (walls on one side
only) and round regions (holes, grooves) are none.
"""

from collections.abc import Iterator, Sequence
from math import pi
from typing import Any

import numpy as np

from app.calculator.features.cavities import ENCLOSED, Cavity, cavities_of
from app.calculator.features.found import Found, direction, figure
from app.calculator.features.graph import Face, Graph, Link
from app.calculator.features.sheet import KIND as SHEET
from app.calculator.features.surfaces import Floats
from app.calculator.features.tolerance import SAME_DIRECTION, SMOOTH_RAD, TOUCHING_MM

KIND = "pocket"
CORNER = "sharp-corner"

SLENDER = 3.0
"""Length to width from which a pocket is a slot."""

_SIDES = 2
"""Flat walls of a slot."""

_LYING = 0.5
"""Cosine below which an axis lies across rather than along a direction."""

HALF_TURN_SLACK = 0.1
"""A round end of a slot turns by half a circle within this many radians."""

_LEVEL_DIGITS = 3

SURE, ODD = 0.95, 0.6
"""Confidence with walls, floors and fillets only, and with faces that are neither."""


def find_pockets(graph: Graph, known: Sequence[Found]) -> Iterator[Found]:
    """Every pocket and slot that is no hole, and the sharp inner corners in them."""
    taken = frozenset(face for one in known for face in one.faces)
    sheets = {face.solid for one in known if one.kind == SHEET for face in one.faces}
    for cavity in cavities_of(graph, taken):
        kind = _type_of(cavity)
        if kind is None or (kind != "through" and cavity.ordered[0].solid in sheets):
            continue
        low, high = _levels(cavity)
        if high - low < TOUCHING_MM:
            continue
        corners = [link for link in cavity.inner if _is_sharp_corner(cavity, link)]
        yield _found(cavity, kind, (low, high), corners)
        yield from map(_corner, corners)


def _type_of(cavity: Cavity) -> str | None:
    flat = [wall for wall in cavity.walls if wall.kind == "plane"]
    if cavity.floor is None:
        if len(cavity.walls) == len(cavity.faces) > 1 and _closes_in(cavity):
            return "through"
        return None
    if cavity.enclosed >= ENCLOSED and flat:
        return "closed"
    return "open" if cavity.facing else None


def _closes_in(cavity: Cavity) -> bool:
    """Walls that look inwards: a window, not a column."""
    middles = np.array([link.middle for wall in cavity.walls for link in wall.links])
    centre = (middles.min(axis=0) + middles.max(axis=0)) / 2
    inwards = sum(
        _looks_at(wall, centre) if wall.kind == "plane" else wall.surface.concave for wall in cavity.walls
    )
    return inwards > len(cavity.walls) / 2


def _looks_at(wall: Face, place: Floats) -> bool:
    return float((place - wall.surface.origin) @ wall.surface.normal) > 0


def _is_sharp_corner(cavity: Cavity, link: Link) -> bool:
    return (
        link.concave
        and link.straight
        and link.first.kind == "plane"
        and link.second.kind == "plane"
        and abs(float(link.tangent @ cavity.direction)) > 1 - SAME_DIRECTION
    )


def _found(cavity: Cavity, kind: str, levels: tuple[float, float], corners: list[Link]) -> Found:
    low, high = levels
    length, width, middle = _outline(cavity)
    upright = [face for face in cavity.walls if face.kind == "cylinder" and face.surface.concave]
    radii = [face.surface.radius_mm for face in upright]
    figures: dict[str, Any] = {
        "type": kind,
        "slot": _is_slot(cavity, length, width),
        "depth_mm": figure(high - low),
        "length_mm": figure(length),
        "width_mm": figure(width),
        "axis": direction(cavity.direction),
        "corner_radius_mm": 0.0 if corners else figure(min(radii)) if radii else None,
        "sharp_corners": len(corners),
        "floor_radius_mm": _floor_radius(cavity),
    }
    place = middle + (low - cavity.level(middle)) * cavity.direction
    return Found(KIND, cavity.faces, place, _confidence(cavity), figures)


def _levels(cavity: Cavity) -> tuple[float, float]:
    """Floor and rim; the rim is the level at which most of the walls' outer edges lie.

    Where no outer edge is level (a slanted surface above), it is the highest point of the walls.
    """
    ends = [cavity.level(end) for wall in cavity.walls for link in wall.links for end in link.ends]
    if cavity.floor is None:
        return min(ends), max(ends)
    low = min(cavity.level(face.surface.origin) for face in cavity.faces if _is_floor(cavity, face))
    weights: dict[float, float] = {}
    exact: dict[float, float] = {}
    for link in cavity.rim:
        first, second = (cavity.level(end) for end in link.ends)
        if abs(first - second) < TOUCHING_MM and first > low + TOUCHING_MM:
            key = round(first, _LEVEL_DIGITS)
            weights[key] = weights.get(key, 0.0) + link.length_mm
            exact.setdefault(key, first)
    if not weights:
        return low, max(ends, default=low)
    return low, exact[max(weights, key=lambda level: (weights[level], -level))]


def _is_floor(cavity: Cavity, face: Face) -> bool:
    return face.kind == "plane" and float(face.surface.normal @ cavity.direction) > 1 - SAME_DIRECTION


def _outline(cavity: Cavity) -> tuple[float, float, Floats]:
    """Length, width and middle of the region across its direction, along its longest straight edge."""
    faces = cavity.walls if cavity.floor is None else [*cavity.walls, cavity.floor]
    links = list(dict.fromkeys(link for face in faces for link in face.links))
    across = [link for link in links if abs(float(link.tangent @ cavity.direction)) < SMOOTH_RAD] or links
    straight = [link for link in across if link.straight]
    points = np.array([place for link in across for place in (*link.ends, link.middle)])
    if not straight:
        centre = points.mean(axis=0)
        size = float(np.ptp(points, axis=0).max())
        return size, size, centre
    first = max(straight, key=lambda link: link.length_mm).tangent
    second = np.cross(cavity.direction, first)
    along, aside = points @ first, points @ second
    sizes = sorted((float(np.ptp(along)), float(np.ptp(aside))), reverse=True)
    level = float(np.mean(points @ cavity.direction))
    middle = (
        (along.min() + along.max()) / 2 * first
        + (aside.min() + aside.max()) / 2 * second
        + level * cavity.direction
    )
    return sizes[0], sizes[1], middle


def _is_slot(cavity: Cavity, length_mm: float, width_mm: float) -> bool:
    flat = [wall for wall in cavity.walls if wall.kind == "plane"]
    ends = [wall for wall in cavity.walls if wall.kind == "cylinder" and wall.surface.concave]
    facing = cavity.facing
    if (
        facing
        and len(flat) == _SIDES
        and all(abs(_turn_of(end, ends) - pi) < HALF_TURN_SLACK for end in ends)
    ):
        return _gap(*facing) < width_mm + TOUCHING_MM
    return length_mm > SLENDER * width_mm and not (facing and _gap(*facing) > width_mm + TOUCHING_MM)


def _gap(one: Face, two: Face) -> float:
    return float((two.surface.origin - one.surface.origin) @ one.surface.normal)


def _turn_of(end: Face, ends: list[Face]) -> float:
    """How far the wall turns, faces on the same axis together."""
    return sum(
        other.surface.span
        for other in ends
        if float(np.linalg.norm(np.cross(other.surface.origin - end.surface.origin, end.surface.axis)))
        < TOUCHING_MM
    )


def _floor_radius(cavity: Cavity) -> float | None:
    """The smallest fillet between floor and walls."""
    radii = [
        face.surface.tube_mm if face.kind == "torus" else face.surface.radius_mm
        for face in cavity.faces
        if face.surface.concave
        and (
            face.kind == "torus"
            or (face.kind == "cylinder" and abs(float(face.surface.axis @ cavity.direction)) < _LYING)
        )
    ]
    return figure(min(radii)) if radii and cavity.floor else None


def _confidence(cavity: Cavity) -> float:
    known = sum(
        cavity.is_upright(face) or face.surface.concave or _is_floor(cavity, face) for face in cavity.faces
    )
    return SURE if known == len(cavity.faces) else ODD


def _corner(link: Link) -> Found:
    figures = {"length_mm": figure(link.length_mm), "axis": direction(link.tangent)}
    return Found(CORNER, frozenset({link.first, link.second}), link.middle, SURE, figures)
