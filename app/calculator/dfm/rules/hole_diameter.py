"""Holes narrower than the process makes them."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "hole_recommended_mm", "hole_smallest_mm"
WORDS = Words(
    warning="hole-narrow",
    error="hole-too-narrow",
    fix="Widen the hole, or drill it afterwards.",
    unit="mm",
    price_effect="Small drills are slow and break.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """One finding per diameter."""
    for hole in part.features("hole"):
        diameter = number(hole, "diameter_mm")
        broken = None if diameter is None else limits.below(diameter, RECOMMENDED, FEASIBLE)
        if diameter is not None and broken is not None:
            message = f"A hole of {diameter:.2f} mm is narrower than {broken.limit:g} mm."
            yield WORDS.say(broken, diameter, message, hole)


RULE = Rule("hole diameters", frozenset({RECOMMENDED, FEASIBLE}), features, check)
