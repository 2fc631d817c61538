"""Flanges too short to be held by the press brake."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "flange_ratio", "flange_ratio_least"
WORDS = Words(
    warning="flange-short",
    error="flange-too-short",
    fix="Make the flange longer and cut it back after bending.",
    unit="mm",
    price_effect="Short flanges are bent longer and cut back.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The shorter of the two sides of every bend, by the thickness of the sheet."""
    for bend in part.features("bend"):
        flange, thickness = number(bend, "flange_mm"), number(bend, "thickness_mm")
        if flange is None or not thickness:
            continue
        broken = limits.below(flange, RECOMMENDED, FEASIBLE, times=thickness)
        if broken is not None:
            message = f"A flange is {flange:.2f} mm long; it needs {broken.limit:.3g} mm."
            yield WORDS.say(broken, flange, message, bend)


RULE = Rule("flange lengths", frozenset({RECOMMENDED, FEASIBLE}), features, check)
