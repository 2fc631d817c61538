"""Grooves narrower than grooving tools."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "groove_width_recommended_mm", "groove_width_feasible_mm"
WORDS = Words(
    warning="groove-narrow",
    error="groove-too-narrow",
    fix="Widen the groove.",
    unit="mm",
    price_effect="Narrow grooves take tools made for them.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Every groove all round."""
    for groove in part.features("groove"):
        width = number(groove, "width_mm")
        broken = None if width is None else limits.below(width, RECOMMENDED, FEASIBLE)
        if width is not None and broken is not None:
            message = f"A groove is {width:.2f} mm wide; {broken.limit:g} mm is the least."
            yield WORDS.say(broken, width, message, groove)


RULE = Rule("groove widths", frozenset({RECOMMENDED, FEASIBLE}), features, check)
