"""Bosses: what stands on a flat face, with an inner edge or fillet all round its foot."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from app.calculator.features.found import Found, direction, figure
from app.calculator.features.graph import Face, Graph, Link
from app.calculator.features.tolerance import SAME_DIRECTION, TOUCHING_MM
from app.calculator.features.turned import KIND as TURNED

KIND = "boss"
SURE = 0.95


def find_bosses(graph: Graph, known: Sequence[Found]) -> Iterator[Found]:
    """Every boss; the shoulders of a turned part are none."""
    turned = {face for one in known if one.kind == TURNED for face in one.faces}
    for face in graph.faces:
        if face.kind != "plane" or len(face.links) < 1:
            continue
        for foot in _feet(graph, face):
            walls = _walls(face, foot)
            if walls and not turned & walls:
                yield _found(face, foot, walls)


def _feet(graph: Graph, base: Face) -> Iterator[list[Link]]:
    """Inner borders of the face that rise all round."""
    if not any(_rises(link, base) for link in base.links):
        return
    for loop in graph.loops(base)[1:]:
        if loop and all(_rises(link, base) for link in loop):
            yield loop


def _rises(link: Link, base: Face) -> bool:
    return link.concave or (link.smooth and link.other(base).surface.concave)


def _walls(base: Face, foot: list[Link]) -> frozenset[Face]:
    """Faces at the foot, and those beyond a fillet at the foot."""
    walls: set[Face] = set()
    for link in foot:
        wall = link.other(base)
        walls.add(wall)
        if link.smooth:
            walls |= {other.other(wall) for other in wall.links if other.smooth} - {base}
    return frozenset(walls)


def _found(base: Face, foot: list[Link], walls: frozenset[Face]) -> Found:
    normal = base.surface.normal
    level = float(base.surface.origin @ normal)
    tops = [float(end @ normal) - level for wall in walls for link in wall.links for end in link.ends]
    points = np.array([place for link in foot for place in (*link.ends, link.middle)])
    round_walls = [
        wall
        for wall in walls
        if wall.kind == "cylinder" and abs(float(wall.surface.axis @ normal)) > 1 - SAME_DIRECTION
    ]
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    figures: dict[str, Any] = {
        "height_mm": figure(max(tops)),
        "diameter_mm": None,
        "axis": direction(normal),
    }
    if round_walls and all(wall.surface.convex for wall in round_walls):
        first = min(round_walls, key=lambda wall: wall.id).surface
        arms = [np.cross(wall.surface.origin - first.origin, normal) for wall in round_walls]
        if max(float(np.linalg.norm(arm)) for arm in arms) < TOUCHING_MM:
            figures["diameter_mm"] = figure(2 * first.radius_mm)
            centre = first.origin + (level - float(first.origin @ normal)) * normal
    return Found(KIND, walls, centre, SURE, figures)
