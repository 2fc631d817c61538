"""Holes: inner walls that go all the way round an axis and open to the outside.

Rules. Walls of one axis that stand on one another are one hole with steps. Walls that face each other with
air between them (the two lugs of a fork, a tube drilled across) are a hole each; where their radii are
equal, so that one drill makes them in one stroke, they share the number ``stroke``. A wall that is nowhere
closed round its axis but turns by two thirds (a keyed bore, a hole at an edge, one of two that overlap) is a
hole that ``breaks_out``; what turns less (corner of a pocket, end of a slot) is none. A ring groove around a
boss and a closed cavity are none either. Bodies are looked at one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import degrees
from typing import Any

from app.calculator.features.axes import gather_axes
from app.calculator.features.barrels import Barrel
from app.calculator.features.found import Found, direction, figure
from app.calculator.features.graph import Face, Graph
from app.calculator.features.stacks import Stack, closes, links_at, stacks_on
from app.calculator.features.threads import Thread, drawn_thread_for, thread_for
from app.calculator.features.tolerance import SAME_RADIUS_MM, TOUCHING_MM

KIND = "hole"

COUNTERSINK_RATIO = 1.35
"""A mouth cone this much wider than the hole holds a screw head; a smaller one breaks the edge."""

COUNTERBORE_RATIO = 1.05
"""A wider mouth than this is a counterbore."""

STEEPEST_TAPER = 0.27
"""Half angle (radians, 15 degrees) up to which a cone alone is a tapered hole."""

WIDEST_COUNTERSINK = 1.23
"""Half angle (radians, 70 degrees) up to which a cone through a sheet is a countersunk hole."""

SURE, IN_PIECES, FITTED, TAPERED, BROKEN = 1.0, 0.97, 0.9, 0.8, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class _Hole:
    """A stack that is a hole, and its barrels from the mouth inwards."""

    stack: Stack
    barrels: tuple[Barrel, ...]
    mouth_is_high: bool
    through: bool
    core: Barrel


def find_holes(graph: Graph, _: Sequence[Found]) -> Iterator[Found]:
    """Every hole of the part."""
    walls: dict[int, list[Face]] = {}
    for face in graph.faces:
        if face.kind in {"cylinder", "cone", "torus"}:
            walls.setdefault(face.solid, []).append(face)
    stroke = 0
    for faces in walls.values():
        for axis in gather_axes(faces, graph.centre):
            for stacks in _strokes(stacks_on(axis)):
                holes = [hole for hole in map(_hole, stacks) if hole is not None]
                stroke += len(holes) > 1
                yield from (_found(hole, stroke if len(holes) > 1 else None) for hole in holes)


def _strokes(stacks: list[Stack]) -> Iterator[list[Stack]]:
    """Stacks of an axis in groups that one drill makes in one stroke."""
    group: list[Stack] = []
    for stack in sorted(stacks, key=lambda stack: stack.barrels[0].low_mm):
        if group and not _faces(group[-1], stack):
            yield group
            group = []
        group.append(stack)
    if group:
        yield group


def _faces(below: Stack, above: Stack) -> bool:
    """Both open towards each other with the same radius."""
    here, there = below.barrels[-1], above.barrels[0]
    return (
        below.high_end == "open"
        and above.low_end == "open"
        and not (here.is_cone or there.is_cone)
        and abs(here.high_radius_mm - there.low_radius_mm) <= SAME_RADIUS_MM
        and there.low_mm >= here.high_mm - TOUCHING_MM
    )


def _hole(stack: Stack) -> _Hole | None:
    rising = stack.barrels
    low_open, high_open = stack.low_end == "open", stack.high_end == "open"
    through = low_open and high_open
    if not (low_open or high_open):
        return None
    mouth_is_high = high_open and (not low_open or _wider_above(rising))
    barrels = tuple(reversed(rising)) if mouth_is_high else rising
    cylinders = [barrel for barrel in barrels if not barrel.is_cone]
    core = min(cylinders or barrels, key=lambda barrel: round(barrel.least_radius_mm, 3))
    hole = _Hole(stack, barrels, mouth_is_high, through, core)
    return hole if cylinders or _is_tapered(hole) else None


def _wider_above(rising: Sequence[Barrel]) -> bool:
    return rising[-1].high_radius_mm >= rising[0].low_radius_mm - SAME_RADIUS_MM


def _is_tapered(hole: _Hole) -> bool:
    """A cone alone: a tapered hole, or a countersink that goes through the whole sheet."""
    slope = max(abs(barrel.faces[0].surface.half_angle) for barrel in hole.barrels)
    return slope <= STEEPEST_TAPER or (hole.through and slope <= WIDEST_COUNTERSINK)


def _found(hole: _Hole, stroke: int | None) -> Found:
    axis = hole.stack.axis
    mouth = hole.barrels[0].high_mm if hole.mouth_is_high else hole.barrels[0].low_mm
    outwards = axis.direction if hole.mouth_is_high else -axis.direction
    thread = _thread(hole)
    figures: dict[str, Any] = {
        "type": "through" if hole.through else "blind",
        "diameter_mm": figure(2 * hole.core.least_radius_mm),
        "depth_mm": figure(sum(barrel.length_mm for barrel in hole.barrels if barrel is not _tip(hole))),
        "axis": direction(outwards),
        "thread_candidate": thread.designation if thread else None,
        "through": hole.through,
        "steps": [_step(barrel) for barrel in hole.barrels],
        "stroke": stroke,
        "thread_drawn": hole.stack.thread_drawn,
        "breaks_out": hole.stack.breaks_out,
        "crossing": _crosses(hole),
    }
    figures |= _bottom(hole) | _mouth(hole)
    return Found(KIND, hole.stack.faces | _floor(hole), axis.at(mouth), _confidence(hole), figures)


def _thread(hole: _Hole) -> Thread | None:
    diameter_mm = 2 * hole.core.least_radius_mm
    drawn = drawn_thread_for(diameter_mm) if hole.stack.thread_drawn else None
    return drawn or thread_for(diameter_mm, through=hole.through)


def _step(barrel: Barrel) -> dict[str, Any]:
    step = {
        "diameter_mm": figure(2 * barrel.most_radius_mm),
        "depth_mm": figure(barrel.length_mm),
    }
    if barrel.is_cone:
        step["least_diameter_mm"] = figure(2 * barrel.least_radius_mm)
        step["angle_deg"] = _opening_angle(barrel)
    return step


def _opening_angle(barrel: Barrel) -> float:
    return figure(2 * degrees(abs(barrel.faces[0].surface.half_angle)))


def _tip(hole: _Hole) -> Barrel | None:
    """The cone a drill leaves at the bottom; depth is measured without it."""
    last = hole.barrels[-1]
    is_tip = last.is_cone and last.least_radius_mm < SAME_RADIUS_MM and not hole.through
    return last if is_tip and len(hole.barrels) > 1 else None


def _bottom(hole: _Hole) -> dict[str, Any]:
    if hole.through:
        return {"tip": None, "tip_angle_deg": None}
    tip = _tip(hole)
    if tip is not None:
        return {"tip": "conical", "tip_angle_deg": _opening_angle(tip)}
    is_flat = any(face.kind == "plane" for face in _floor(hole))
    return {"tip": "flat" if is_flat else "round", "tip_angle_deg": None}


def _mouth(hole: _Hole) -> dict[str, Any]:
    """Countersink or counterbore; a through hole may carry it at its far end."""
    wanted = [barrel for barrel in hole.barrels if barrel is not _tip(hole)]
    least = hole.core.least_radius_mm
    cones = [b for b in wanted if b.is_cone and b.most_radius_mm >= COUNTERSINK_RATIO * b.least_radius_mm]
    bores = [b for b in wanted if not b.is_cone and b.least_radius_mm > COUNTERBORE_RATIO * least]
    sink = max(cones, key=lambda barrel: barrel.length_mm, default=None)
    bore = max(bores, key=lambda barrel: barrel.length_mm, default=None)
    if sink is not None and (bore is None or bore.length_mm < sink.length_mm):
        return {
            "type": "countersink",
            "countersink_diameter_mm": figure(2 * sink.most_radius_mm),
            "countersink_angle_deg": _opening_angle(sink),
        }
    if bore is not None:
        return {
            "type": "counterbore",
            "counterbore_diameter_mm": figure(2 * bore.least_radius_mm),
            "counterbore_depth_mm": figure(bore.length_mm),
        }
    return {}


def _floor(hole: _Hole) -> frozenset[Face]:
    """What closes a blind hole: its flat bottom, or the sphere a ball cutter leaves."""
    if hole.through:
        return frozenset()
    stack, up = hole.stack, not hole.mouth_is_high
    return frozenset(
        link.second if link.first in stack.faces else link.first
        for link in links_at(stack.axis, stack.faces, hole.barrels[-1], up=up)
        if closes(stack.axis, link, stack.faces, up=up)
    )


def _crosses(hole: _Hole) -> bool:
    """Another inner wall cuts into this one."""
    return any(
        link.convex and link.other(face).kind in {"cylinder", "cone"} and link.other(face).surface.concave
        for barrel in hole.barrels
        for face in barrel.faces
        for link in face.links
        if link.other(face) not in hole.stack.faces
    )


def _confidence(hole: _Hole) -> float:
    walls = [face for barrel in hole.barrels for face in barrel.faces]
    reasons = {SURE}
    if hole.stack.breaks_out:
        reasons.add(BROKEN)
    if hole.core.is_cone:
        reasons.add(TAPERED)
    if any(face.surface.fitted for face in walls):
        reasons.add(FITTED)
    if any(len(barrel.faces) > 1 for barrel in hole.barrels):
        reasons.add(IN_PIECES)
    return min(reasons)
