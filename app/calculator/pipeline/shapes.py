"""Features of the facts as a machinist sees them: holes with their mouths and threads, the turned profile."""

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.calculator.pipeline.exact import exact, figures_of, positive
from app.calculator.processes.shape import FaceAreas, Hole, Thread, Turn, Turned
from app.contract.geometry import Feature, PartFacts

HOLE, TURNED, POCKET, FILLET = "hole", "turned", "pocket", "fillet"
DIRECTION_PLACES = 2
COORDINATES = 3
HALF_TURN = 180
ON_AXIS_MM = 0.05
ON_AXIS_COSINE = 0.999
COARSE_PITCHES_MM = {
    "1.6": "0.35",
    "2": "0.4",
    "2.5": "0.45",
    "3": "0.5",
    "3.5": "0.6",
    "4": "0.7",
    "5": "0.8",
    "6": "1",
    "8": "1.25",
    "10": "1.5",
    "12": "1.75",
    "14": "2",
    "16": "2",
    "18": "2.5",
    "20": "2.5",
    "22": "2.5",
    "24": "3",
    "27": "3",
    "30": "3.5",
    "33": "3.5",
    "36": "4",
    "39": "4",
    "42": "4.5",
    "45": "4.5",
    "48": "5",
}
"""Pitch by nominal diameter (ISO 261, coarse series); finer ones are part of the designation."""

Floats = tuple[float, ...]


def holes_of(facts: PartFacts) -> tuple[Hole, ...]:
    """All holes whose diameter and depth are known; each direction they run in has a number."""
    directions: dict[Floats | None, int] = {}
    axis = _axis_of_turning(facts)
    found = []
    for feature in facts.features:
        if feature.kind == HOLE:
            number = directions.setdefault(_line(feature), len(directions))
            hole = _hole(feature, number, axis)
            if hole is not None:
                found.append(hole)
    return tuple(found)


def turned_of(facts: PartFacts) -> Turned | None:
    """The turned profile of a part in one piece."""
    feature = _turning(facts)
    if feature is None:
        return None
    figures = figures_of(feature)
    return Turned(
        feature.id,
        positive(figures.get("stock_diameter_mm") or figures.get("diameter_mm")),
        positive(figures.get("length_mm")),
        positive(figures.get("share")),
        tuple(map(_turn, _rows(figures.get("steps")))),
    )


def faces_of(facts: PartFacts) -> FaceAreas | None:
    """The surface by how it is cut; ``None`` where it is not known."""
    areas = facts.face_areas_mm2
    if areas is None:
        return None
    return FaceAreas(
        positive(areas.plane),
        positive(areas.cylinder + areas.cone),
        positive(areas.sphere + areas.torus + areas.other),
    )


def without_corners(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """Without the rounded corners of pockets, which their end mills leave; those of their floors stay."""
    floors: dict[int, float | None] = {
        face: figures_of(one).get("floor_radius_mm")
        for one in features
        if one.kind == POCKET
        for face in one.face_ids
    }
    return tuple(one for one in features if one.kind != FILLET or not _is_corner(one, floors))


def _is_corner(fillet: Feature, floors: Mapping[int, float | None]) -> bool:
    inside = [floors[face] for face in fillet.face_ids if face in floors]
    radius = figures_of(fillet).get("radius_mm")
    return bool(inside) and len(inside) == len(fillet.face_ids) and radius not in inside


def _hole(feature: Feature, direction: int, axis: tuple[Floats, Floats] | None) -> Hole | None:
    figures = figures_of(feature)
    diameter, depth = exact(figures.get("diameter_mm")), exact(figures.get("depth_mm"))
    if diameter is None or depth is None:
        return None
    kind = str(figures.get("type"))
    return Hole(
        id=feature.id,
        diameter_mm=max(diameter, Decimal(0)),
        depth_mm=max(depth, Decimal(0)),
        kind=kind,
        mouth_diameter_mm=positive(figures.get(f"{kind}_diameter_mm")),
        mouth_depth_mm=_mouth_depth(figures, kind),
        thread=_thread(figures),
        stroke=exact(figures.get("stroke")),
        on_axis=_is_on(axis, feature),
        direction=direction,
    )


def _mouth_depth(figures: Mapping[str, Any], kind: str) -> Decimal:
    """A countersink is as deep as its angle makes it."""
    depth = figures.get(f"{kind}_depth_mm")
    angle, wide = figures.get("countersink_angle_deg"), figures.get("countersink_diameter_mm")
    if depth is None and isinstance(angle, float) and isinstance(wide, float) and 0 < angle < HALF_TURN:
        depth = (wide - figures["diameter_mm"]) / 2 / math.tan(math.radians(angle / 2))
    return positive(depth)


def _thread(figures: Mapping[str, Any]) -> Thread | None:
    """The thread of a designation such as M8 or M8x1."""
    nominal, _, fine = str(figures.get("thread_candidate") or "").removeprefix("M").partition("x")
    pitch = fine or COARSE_PITCHES_MM.get(nominal)
    if pitch is None:
        return None
    return Thread(Decimal(nominal), Decimal(pitch), bool(figures.get("thread_drawn")))


def _turn(step: Mapping[str, Any]) -> Turn:
    diameter = positive(step.get("diameter_mm"))
    least = exact(step.get("least_diameter_mm"))
    return Turn(
        diameter, diameter if least is None else max(least, Decimal(0)), positive(step.get("length_mm"))
    )


def _rows(value: object) -> Iterable[Mapping[str, Any]]:
    return (row for row in value if isinstance(row, Mapping)) if isinstance(value, list | tuple) else ()


def _turning(facts: PartFacts) -> Feature | None:
    if facts.bodies != 1:
        return None
    return next((feature for feature in facts.features if feature.kind == TURNED), None)


def _axis_of_turning(facts: PartFacts) -> tuple[Floats, Floats] | None:
    """A place on the axis and its direction."""
    feature = _turning(facts)
    direction = None if feature is None else _vector(figures_of(feature).get("axis"))
    if feature is None or direction is None:
        return None
    return (feature.place.x, feature.place.y, feature.place.z), direction


def _is_on(axis: tuple[Floats, Floats] | None, feature: Feature) -> bool:
    direction = None if axis is None else _vector(figures_of(feature).get("axis"))
    if axis is None or direction is None:
        return False
    place, along = axis
    arm = (feature.place.x - place[0], feature.place.y - place[1], feature.place.z - place[2])
    forward = _dot(arm, along)
    away = math.sqrt(max(0.0, _dot(arm, arm) - forward * forward))
    return away <= ON_AXIS_MM and abs(_dot(direction, along)) >= ON_AXIS_COSINE


def _line(feature: Feature) -> Floats | None:
    """The axis as an undirected line: opposite directions are the same."""
    axis = _vector(figures_of(feature).get("axis"))
    if axis is None:
        return None
    rounded = tuple(round(part, DIRECTION_PLACES) + 0.0 for part in axis)
    return max(rounded, tuple(0.0 - part for part in rounded))


def _vector(value: object) -> Floats | None:
    if not isinstance(value, Sequence) or len(value) != 3:  # noqa: PLR2004 - three coordinates
        return None
    return (
        tuple(float(part) for part in value) if all(isinstance(part, int | float) for part in value) else None
    )


def _dot(one: Floats, other: Floats) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
