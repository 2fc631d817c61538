"""Pins that break off."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "pin_recommended_mm", "pin_feasible_mm"
WORDS = Words(
    warning="pin-thin",
    error="pin-too-thin",
    fix="Make the pin thicker, or press a metal one in.",
    unit="mm",
    price_effect="Thin pins break while the part is cleaned.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The diameter of every round boss."""
    for boss in part.features("boss"):
        diameter = number(boss, "diameter_mm")
        broken = None if diameter is None else limits.below(diameter, RECOMMENDED, FEASIBLE)
        if diameter is not None and broken is not None:
            message = f"A pin has a diameter of {diameter:.2f} mm; {broken.limit:g} mm is the least."
            yield WORDS.say(broken, diameter, message, boss)


RULE = Rule("pins", frozenset({RECOMMENDED, FEASIBLE}), features, check)
