"""Inner corners that no round tool leaves."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "corner_radius_recommended_mm", "corner_radius_feasible_mm"
WORDS = Words(
    warning="corner-tight",
    error="corner-too-tight",
    fix="Round the inner corner, or let it run out into a relief hole.",
    unit="mm",
    price_effect="Tight corners take small, slow tools or spark erosion.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Sharp corners one by one, rounded ones by pocket."""
    broken = limits.below(0.0, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = f"An upright inner corner is sharp; a mill leaves a radius of {broken.limit:g} mm or more."
        for corner in part.features("sharp-corner"):
            yield WORDS.say(broken, 0.0, message, corner)
    for pocket in part.features("pocket"):
        radius = number(pocket, "corner_radius_mm")
        broken = limits.below(radius, RECOMMENDED, FEASIBLE) if radius else None
        if radius and broken is not None:
            message = f"A pocket has corners of R{radius:.2f}; R{broken.limit:g} or more is asked for."
            yield WORDS.say(broken, radius, message, pocket)


RULE = Rule("inner corners", frozenset({RECOMMENDED, FEASIBLE}), features, check)
