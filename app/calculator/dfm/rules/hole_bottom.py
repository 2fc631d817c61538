"""Blind holes with a flat bottom: a drill leaves a cone."""

from collections.abc import Iterator

from app.calculator.dfm.base import Broken, Limits, Part, Rule, Words, features, number, text
from app.contract.geometry import Finding

CONE, SHALLOW = "drill_tip_deg", "flat_bottom_depth_ratio"
WORDS = Words(
    warning="hole-flat-bottom",
    error="hole-flat-bottom",
    fix="Let the hole end in the cone of a drill.",
    unit="deg",
    price_effect="A flat bottom takes a second tool.",
)
FLAT_DEG = 180.0


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Shallow holes are milled anyway."""
    cone, shallow = limits.get(CONE), limits.get(SHALLOW) or 0.0
    for hole in part.features("hole"):
        diameter, depth = number(hole, "diameter_mm"), number(hole, "depth_mm")
        if cone is None or text(hole, "tip") != "flat" or diameter is None or depth is None:
            continue
        if depth > shallow * diameter:
            message = (
                f"A blind hole of {diameter:.2f} mm ends flat; a drill leaves a cone of {cone:g} degrees."
            )
            yield WORDS.say(Broken("warning", cone), FLAT_DEG, message, hole)


RULE = Rule("bottoms of blind holes", frozenset({CONE, SHALLOW}), features, check)
