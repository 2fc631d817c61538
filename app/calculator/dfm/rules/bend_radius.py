"""Bends so sharp that the sheet cracks."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "bend_radius_ratio", "bend_radius_ratio_least"
WORDS = Words(
    warning="bend-tight",
    error="bend-too-tight",
    fix="Bend with a larger inner radius.",
    unit="mm",
    price_effect="Tight bends take special tools and crack.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The inner radius by the thickness of the sheet."""
    for bend in part.features("bend"):
        radius, thickness = number(bend, "radius_mm"), number(bend, "thickness_mm")
        if radius is None or not thickness:
            continue
        broken = limits.below(radius, RECOMMENDED, FEASIBLE, times=thickness)
        if broken is not None:
            message = (
                f"A sheet of {thickness:.2f} mm is bent to R{radius:.2f}; R{broken.limit:.3g} is the least."
            )
            yield WORDS.say(broken, radius, message, bend)


RULE = Rule("bend radii", frozenset({RECOMMENDED, FEASIBLE}), features, check)
