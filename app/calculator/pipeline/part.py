"""The waist: floats of the facts become exact figures, once and rounded."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.calculator.processes.base import (
    ZERO,
    Cylinder,
    Extents,
    Hole,
    Measured,
    Orientation,
    Part,
    Recognised,
)
from app.contract.geometry import Feature, PartFacts
from app.contract.pricing import CylinderDimensions, Dimensions

PLACES = Decimal("0.001")
"""A thousandth of a millimetre (mm2, mm3): finer figures differ from run to run, not from part to part."""
LARGEST = 1e18
"""Nothing measurable is larger, and nothing larger could be told in thousandths."""
BOX_SLACK = Decimal("1.01")
"""Rounding may put the volume of a box-shaped part this much above that of its box."""
DIRECTION_PLACES = 2
HOLE = "hole"


def part_of_dimensions(dimensions: Dimensions) -> Part:
    """A part of which only the outer size is known."""
    if isinstance(dimensions, CylinderDimensions):
        cylinder = Cylinder(dimensions.diameter_mm, dimensions.length_mm)
        return Part(
            _falling((cylinder.diameter_mm, cylinder.diameter_mm, cylinder.length_mm)), cylinder, None
        )
    box = (dimensions.length_mm, dimensions.width_mm, dimensions.height_mm)
    return Part(_falling(box), None, None)


def part_of_facts(facts: PartFacts) -> Part | None:
    """A measured part, or ``None`` without a sure size and volume.

    Missing, zero or absurd figures are not sure, nor is a volume larger than the box around the part.
    """
    box = facts.oriented_box_mm
    extents = [_exact(extent) for extent in (box.x, box.y, box.z)]
    volume, area = _exact(facts.volume_mm3), _exact(facts.area_mm2)
    sure = [figure for figure in (*extents, volume, area) if figure is not None and figure > 0]
    if len(sure) != len(extents) + 2 or sure[3] > sure[0] * sure[1] * sure[2] * BOX_SLACK:
        return None
    holes = [feature for feature in facts.features if feature.kind == HOLE]
    measured = Measured(
        volume_mm3=sure[3],
        area_mm2=sure[4],
        holes=tuple(hole for hole in map(_hole, holes) if hole is not None),
        hole_directions=len({_direction(feature) for feature in holes} - {None}),
        revolved=_revolved(facts),
        features=tuple(map(_recognised, facts.features)),
        setups=None if facts.access is None else len(facts.access.setups),
        unreached_share=ZERO if facts.access is None else _exact(facts.access.unreached_share) or ZERO,
        orientation=_orientation(facts),
        hull_volume_mm3=_exact(facts.hull_volume_mm3),
    )
    return Part(_falling((sure[0], sure[1], sure[2])), None, measured)


def _falling(extents: Extents) -> Extents:
    smallest, middle, largest = sorted(extents)
    return (largest, middle, smallest)


def _exact(value: object) -> Decimal | None:
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > LARGEST:
        return None
    return Decimal(repr(value + 0)).quantize(PLACES, ROUND_HALF_UP)  # a truth is one or nought


def _revolved(facts: PartFacts) -> bool | None:
    if facts.faces is None:
        return None
    return facts.faces.cylinder + facts.faces.cone + facts.faces.torus + facts.faces.other > 0


def _recognised(feature: Feature) -> Recognised:
    figures = _figures(feature)
    numbers = {name: exact for name, value in figures.items() if (exact := _exact(value)) is not None}
    words = {name: value for name, value in figures.items() if isinstance(value, str)}
    confidence = _exact(feature.confidence) or ZERO
    return Recognised(feature.id, feature.kind, len(feature.face_ids), confidence, numbers, words)


def _orientation(facts: PartFacts) -> Orientation | None:
    """The best way to stand: as drawn, or the direction that was found to be better."""
    if not facts.overhangs:
        return None
    best = facts.overhangs[-1]
    figures = (best.height_mm, best.wall_mm2, best.roof_mm2, best.support_volume_mm3)
    height, wall, roof, support = (_exact(figure) for figure in figures)
    if height is None or wall is None or roof is None or support is None:
        return None
    return Orientation(height, wall, roof, support)


def _figures(feature: Feature) -> dict[str, Any]:
    return feature.__pydantic_extra__ or {}


def _hole(feature: Feature) -> Hole | None:
    figures = _figures(feature)
    diameter, depth = _exact(figures.get("diameter_mm")), _exact(figures.get("depth_mm"))
    if diameter is None or depth is None:
        return None
    return Hole(feature.id, max(diameter, Decimal(0)), max(depth, Decimal(0)))


def _direction(feature: Feature) -> tuple[float, ...] | None:
    """The axis as an undirected line: opposite directions are the same."""
    axis = _figures(feature).get("axis")
    if not isinstance(axis, Sequence) or not all(isinstance(part, int | float) for part in axis):
        return None
    rounded = tuple(round(float(part), DIRECTION_PLACES) + 0.0 for part in axis)
    opposite = tuple(0.0 - part for part in rounded)
    return max(rounded, opposite)
