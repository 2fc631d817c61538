"""Parts of revolution: the axis they would be turned about, their outer diameters, their grooves."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, Literal

import numpy as np

from app.calculator.features.axes import Axis, gather_axes
from app.calculator.features.barrels import Barrel, barrels_on
from app.calculator.features.found import Found, direction, figure
from app.calculator.features.graph import Face, Graph
from app.calculator.features.tolerance import SAME_RADIUS_MM, TOUCHING_MM

KIND = "turned"
GROOVE = "groove"

LEAST_SHARE = 0.5
"""From this share of its area on one axis a part is worth turning."""

LEAST_WIDTH = 0.4
"""The widest round face reaches at least this far, by the reach of the whole part."""

WIDEST_GROOVE = 3.0
"""Width to depth up to which a recess is a groove; a longer one is a thinner piece of the shaft."""

WIDEST_GROOVE_MM = 8.0
"""Grooving tools are not wider; a wider recess is turned like the rest of the shaft."""

SURE = 0.95

_Where = Literal["outer", "inner"]


def find_turned(graph: Graph, _: Sequence[Found]) -> Iterator[Found]:
    """One feature per body that is mostly round about one axis, and all round grooves."""
    bodies: dict[int, list[Face]] = {}
    for face in graph.faces:
        bodies.setdefault(face.solid, []).append(face)
    for faces in bodies.values():
        round_faces = [face for face in faces if face.kind in {"cylinder", "cone", "torus"}]
        axes = gather_axes(round_faces, graph.centre)
        for axis in axes:
            yield from _grooves(axis)
        if axes:
            yield from _turned(
                graph, faces, max(axes, key=lambda axis: (_round_area(axis), -axis.faces[0].id))
            )


def _round_area(axis: Axis) -> float:
    """By parameter ranges, which is quick and says enough to choose."""
    return round(sum(face.surface.area_mm2 for face in axis.faces), 6)


def _turned(graph: Graph, faces: list[Face], axis: Axis) -> Iterator[Found]:
    outer = barrels_on(axis, concave=False)
    own = _coaxial(graph, faces, axis)
    share = sum(face.area_mm2 for face in own) / sum(face.area_mm2 for face in faces)
    reach = _reach(faces, axis, outer)
    widest = max((barrel.most_radius_mm for barrel in outer), default=0.0)
    if not outer or share < LEAST_SHARE or widest < LEAST_WIDTH * reach:
        return
    places = [axis.along(end) for face in faces for link in face.links for end in link.ends]
    places += [end for barrel in outer for end in (barrel.low_mm, barrel.high_mm)]
    low, high = min(places), max(places)
    figures: dict[str, Any] = {
        "axis": direction(axis.direction),
        "share": figure(share),
        "diameter_mm": figure(2 * widest),
        "length_mm": figure(high - low),
        "stock_diameter_mm": figure(2 * reach),
        "diameters_mm": sorted({figure(2 * b.least_radius_mm) for b in outer if not b.is_cone}, reverse=True),
        "steps": [_step(barrel) for barrel in outer],
    }
    yield Found(KIND, frozenset(own), axis.at((low + high) / 2), min(SURE, figure(share)), figures)


def _coaxial(graph: Graph, faces: list[Face], axis: Axis) -> list[Face]:
    """Faces of revolution about the axis: round ones, spheres on it, flat ones with a round border."""
    own = set(axis.faces)
    return [
        face
        for face in faces
        if face in own
        or (face.kind == "sphere" and _is_on(axis, face))
        or (axis.is_across(face) and _is_round(graph, face, own))
    ]


def _is_round(graph: Graph, face: Face, own: set[Face]) -> bool:
    """Most of the outer border belongs to round faces on the axis: the end of a shaft, a shoulder."""
    if not any(link.other(face) in own for link in face.links):
        return False
    outer = graph.loops(face)[0]
    shared = sum(link.length_mm for link in outer if link.other(face) in own)
    return shared > sum(link.length_mm for link in outer) / 2


def _is_on(axis: Axis, sphere: Face) -> bool:
    arm = sphere.surface.origin - axis.origin
    return float(np.linalg.norm(np.cross(arm, axis.direction))) < TOUCHING_MM


def _reach(faces: list[Face], axis: Axis, outer: list[Barrel]) -> float:
    """Largest distance from the axis: a hexagon on a turned part needs a larger bar."""
    ends = np.array([end for face in faces for link in face.links for end in link.ends]).reshape(-1, 3)
    arms = np.cross(ends - axis.origin, axis.direction)
    away = float(np.linalg.norm(arms, axis=1).max(initial=0.0))
    return max([away, *(barrel.most_radius_mm for barrel in outer)])


def _step(barrel: Barrel) -> dict[str, Any]:
    step = {"diameter_mm": figure(2 * barrel.most_radius_mm), "length_mm": figure(barrel.length_mm)}
    if barrel.is_cone:
        step["least_diameter_mm"] = figure(2 * barrel.least_radius_mm)
    return step


def _grooves(axis: Axis) -> Iterator[Found]:
    """Recesses all round: between two shoulders on a shaft or in a bore, or sunk into a flat face."""
    inner, outer = barrels_on(axis, concave=True), barrels_on(axis, concave=False)
    for where, barrels in (("outer", outer), ("inner", inner)):
        for barrel in barrels:
            groove = None if barrel.is_cone else _between_shoulders(axis, barrel, where)
            if groove is not None:
                yield groove
    yield from _face_grooves(axis, inner, outer)


def _between_shoulders(axis: Axis, barrel: Barrel, where: str) -> Found | None:
    """Both ends of the wall meet a shoulder in an inner edge."""
    shoulders = {
        link.other(face): None
        for face in barrel.faces
        for link in face.links
        if link.concave and axis.is_across(link.other(face))
    }
    levels = {round(axis.along(shoulder.surface.origin), 3) for shoulder in shoulders}
    if len(levels) < len(("low", "high")):
        return None
    depth = min(_depth(axis, shoulder, barrel) for shoulder in shoulders)
    if not SAME_RADIUS_MM < depth < inf or barrel.length_mm > min(WIDEST_GROOVE * depth, WIDEST_GROOVE_MM):
        return None
    figures = {
        "location": where,
        "diameter_mm": figure(2 * barrel.least_radius_mm),
        "width_mm": figure(barrel.length_mm),
        "depth_mm": figure(depth),
        "axis": direction(axis.direction),
    }
    place = axis.at((barrel.low_mm + barrel.high_mm) / 2)
    return Found(GROOVE, frozenset({*barrel.faces, *shoulders}), place, SURE, figures)


def _depth(axis: Axis, shoulder: Face, barrel: Barrel) -> float:
    """How far the shoulder rises from the wall to the next round face on the axis."""
    own = set(axis.faces)
    level = axis.along(shoulder.surface.origin)
    away = [
        abs(axis.radius_of(other, level) - barrel.least_radius_mm)
        for other in {link.other(shoulder) for link in shoulder.links}
        if other in own and other not in barrel.faces and other.kind in {"cylinder", "cone"}
    ]
    return max(away, default=inf)


def _face_grooves(axis: Axis, inner: list[Barrel], outer: list[Barrel]) -> Iterator[Found]:
    """A flat ring between an outer wall that looks inwards and an inner wall that looks outwards."""
    walls = {face: barrel for barrel in (*inner, *outer) for face in barrel.faces}
    floors: dict[Face, set[Barrel]] = {}
    for face, barrel in walls.items():
        for link in face.links:
            if link.concave and axis.is_across(link.other(face)):
                floors.setdefault(link.other(face), set()).add(barrel)
    for floor, touching in floors.items():
        around = next((barrel for barrel in inner if barrel in touching), None)
        core = next((barrel for barrel in outer if barrel in touching), None)
        if around is None or core is None or around.least_radius_mm <= core.most_radius_mm:
            continue
        figures = {
            "location": "face",
            "diameter_mm": figure(2 * around.least_radius_mm),
            "width_mm": figure(around.least_radius_mm - core.most_radius_mm),
            "depth_mm": figure(min(around.length_mm, core.length_mm)),
            "axis": direction(floor.surface.normal),
        }
        faces = frozenset({floor, *around.faces, *core.faces})
        yield Found(GROOVE, faces, axis.at(axis.along(floor.surface.origin)), SURE, figures)
