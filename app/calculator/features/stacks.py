"""How full round walls stand on one another, and whether their ends are open."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from app.calculator.features.axes import Axis
from app.calculator.features.barrels import Barrel, barrels_on
from app.calculator.features.graph import Face, Link
from app.calculator.features.joints import Joints
from app.calculator.features.tolerance import PARTLY_ROUND, SAME_RADIUS_MM, TOUCHING_MM

End = Literal["open", "closed"]

_THREAD_SHARE = 0.5
"""Crests and roots of a drawn thread overlap by at least this share of their length."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Barrels on one axis that stand on one another, from low to high; ``faces`` holds steps as well.

    ``thread_drawn``: a thread was modelled, its crests and its roots being barrels over the same length; only
    the narrower is kept in ``barrels``. ``breaks_out``: no section of its walls is closed round the axis.
    """

    axis: Axis
    barrels: tuple[Barrel, ...]
    faces: frozenset[Face]
    low_end: End
    high_end: End
    thread_drawn: bool = False
    breaks_out: bool = False


def stacks_on(axis: Axis) -> list[Stack]:
    """All stacks of an axis; an annular groove, whose floor carries an island, is none."""
    barrels = barrels_on(axis, concave=True)
    breaks_out = not barrels
    if breaks_out:
        partial = barrels_on(axis, concave=True, least=PARTLY_ROUND)
        barrels = [barrel for barrel in partial if not barrel.is_cone]
    owner = {face: barrel for barrel in barrels for face in barrel.faces}
    stacks = []
    for faces in _joined(axis, barrels, [face for face in axis.faces if face.kind == "torus"]).groups():
        own = {owner[face]: None for face in faces if face in owner}
        if own:
            rising = sorted(own, key=lambda barrel: (barrel.low_mm, barrel.high_mm))
            stack = _stack(axis, rising, frozenset(faces))
            stacks.append(replace(stack, breaks_out=breaks_out))
    return [stack for stack in stacks if not _has_island(stack)]


def _joined(axis: Axis, barrels: list[Barrel], rings: list[Face]) -> Joints:
    """Walls joined by an edge, by a rounded or by a flat step between them."""
    joints = Joints()
    for barrel in barrels:
        joints.join(barrel.faces)
    members = {face: None for barrel in barrels for face in barrel.faces} | dict.fromkeys(rings)
    steps: dict[Face, list[Face]] = {}
    for face in members:
        for neighbour in {link.other(face): None for link in face.links}:
            if neighbour in members:
                joints.join((face, neighbour))
            elif neighbour.kind == "other" or axis.is_across(neighbour):
                steps.setdefault(neighbour, []).append(face)
    for step, touching in steps.items():
        if step.kind == "other" or _has_two_sides(axis, step, touching):
            joints.join((*touching, step))
    return joints


def _has_two_sides(axis: Axis, step: Face, touching: list[Face]) -> bool:
    """A step has wall above and below; a floor or the mouth of a hole has it on one side only."""
    level = axis.along(step.surface.origin)
    sides = {sum(axis.range_of(face)) / 2 > level for face in touching}
    return len(sides) > 1


def _stack(axis: Axis, all_barrels: list[Barrel], faces: frozenset[Face]) -> Stack:
    roots = _thread_roots(all_barrels)
    barrels = [barrel for barrel in all_barrels if barrel not in roots]
    return Stack(
        axis=axis,
        barrels=tuple(barrels),
        faces=faces,
        thread_drawn=len(barrels) < len(all_barrels),
        low_end=_end(axis, faces, barrels[0], up=False),
        high_end=_end(axis, faces, max(barrels, key=lambda barrel: barrel.high_mm), up=True),
    )


def _thread_roots(barrels: list[Barrel]) -> set[Barrel]:
    """Barrels that a narrower one covers; ``barrels`` rise along the axis."""
    roots: set[Barrel] = set()
    for index, lower in enumerate(barrels):
        for upper in islice(barrels, index + 1, None):
            if upper.low_mm > lower.high_mm - TOUCHING_MM:
                break
            roots.update(outer for inner, outer in ((lower, upper), (upper, lower)) if _covers(inner, outer))
    return roots


def _covers(inner: Barrel, outer: Barrel) -> bool:
    """A narrower wall over the same length: the crests of a thread whose roots are ``outer``."""
    shared = min(inner.high_mm, outer.high_mm) - max(inner.low_mm, outer.low_mm)
    return (
        inner.least_radius_mm < outer.least_radius_mm
        and not (inner.is_cone or outer.is_cone)
        and shared > _THREAD_SHARE * outer.length_mm
    )


def _end(axis: Axis, faces: frozenset[Face], last: Barrel, *, up: bool) -> End:
    """Whether material closes the stack at one end."""
    tip = last.high_radius_mm if up else last.low_radius_mm
    if last.is_cone and tip < SAME_RADIUS_MM:
        return "closed"
    closing, opening = 0.0, 0.0
    for link in links_at(axis, faces, last, up=up):
        if closes(axis, link, faces, up=up):
            closing += link.length_mm
        else:
            opening += link.length_mm
    return "closed" if closing > opening else "open"


def links_at(axis: Axis, faces: frozenset[Face], last: Barrel, *, up: bool) -> list[Link]:
    """Edges from the last barrel, or from what rounds its end, to anything outside the stack.

    Edges at the very end say more than those of a slanted mouth or of a bore that crosses further in.
    """
    middle, end = (last.low_mm + last.high_mm) / 2, last.high_mm if up else last.low_mm
    half: list[Link] = []
    level: list[Link] = []
    for face in sorted(faces, key=lambda face: face.id):
        if face not in last.faces and face.kind != "torus":
            continue
        for link in face.links:
            along = axis.along(link.middle)
            if link.other(face) in faces or (along > middle) != up:
                continue
            half.append(link)
            if face.kind == "torus" or abs(along - end) < TOUCHING_MM:
                level.append(link)
    return level or half


def closes(axis: Axis, link: Link, faces: Iterable[Face], *, up: bool) -> bool:
    """Whether the face beyond this edge is a bottom; ``up`` tells at which end of the axis."""
    beyond = link.second if link.first in faces else link.first
    if axis.is_across(beyond):
        return (float(beyond.surface.normal @ axis.direction) < 0) == up
    if link.smooth:
        return beyond.surface.concave or beyond.kind == "other"
    return link.concave


def _has_island(stack: Stack) -> bool:
    """A floor with an inner edge to anything but the stack itself: a ring groove or a round pocket."""
    floors = {
        link.other(face)
        for face in stack.faces
        for link in face.links
        if link.other(face) not in stack.faces and _is_floor(stack, link)
    }
    return any(
        link.concave and link.other(floor) not in stack.faces for floor in floors for link in floor.links
    )


def _is_floor(stack: Stack, link: Link) -> bool:
    beyond = link.second if link.first in stack.faces else link.first
    return stack.axis.is_across(beyond) and link.concave
