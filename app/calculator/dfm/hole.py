"""Holes too narrow or too deep for their diameter."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.contract.geometry import Feature, Finding, PartFacts

HOLE = "hole"


def hole_findings(facts: PartFacts, figures: Mapping[str, Decimal]) -> Iterator[Finding]:
    """One finding per hole and rule."""
    for feature in facts.features:
        measured = feature.__pydantic_extra__ or {}
        diameter, depth = measured.get("diameter_mm"), measured.get("depth_mm")
        if feature.kind != HOLE or not isinstance(diameter, int | float) or diameter <= 0:
            continue
        yield from _narrow(feature, float(diameter), figures)
        if isinstance(depth, int | float):
            yield from _deep(feature, float(depth) / float(diameter), figures)


def _narrow(feature: Feature, diameter_mm: float, figures: Mapping[str, Decimal]) -> Iterator[Finding]:
    smallest = figures.get("hole_smallest_mm")
    if smallest is None or diameter_mm >= float(smallest):
        return
    yield Finding(
        code="hole-narrow",
        severity="warning",
        message=f"A hole of {diameter_mm:.2f} mm is narrower than {float(smallest):g} mm.",
        fix="Widen the hole, or drill it afterwards.",
        value=diameter_mm,
        limit=float(smallest),
        unit="mm",
        place=feature.place,
        face_ids=feature.face_ids,
        feature_id=feature.id,
    )


def _deep(feature: Feature, ratio: float, figures: Mapping[str, Decimal]) -> Iterator[Finding]:
    usual, most = figures.get("hole_depth_ratio"), figures.get("hole_depth_ratio_most")
    if usual is None or most is None or ratio <= float(usual):
        return
    hopeless = ratio > float(most)
    limit = float(most if hopeless else usual)
    yield Finding(
        code="hole-too-deep" if hopeless else "hole-deep",
        severity="error" if hopeless else "warning",
        message=f"A hole is {ratio:.1f} times as deep as wide; up to {limit:g} times is usual.",
        fix="Widen the hole, drill it from both sides or make it shallower.",
        value=round(ratio, 3),
        limit=limit,
        unit="1",
        place=feature.place,
        face_ids=feature.face_ids,
        feature_id=feature.id,
        price_effect="Deep holes are drilled in many short strokes.",
    )
