"""Holes too deep for their diameter."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "hole_depth_ratio", "hole_depth_ratio_most"
WORDS = Words(
    warning="hole-deep",
    error="hole-too-deep",
    fix="Widen the hole, drill it from both sides or make it shallower.",
    unit="1",
    price_effect="Deep holes are drilled in many short strokes.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Depth over diameter."""
    for hole in part.features("hole"):
        diameter, depth = number(hole, "diameter_mm"), number(hole, "depth_mm")
        if not diameter or depth is None:
            continue
        ratio = depth / diameter
        broken = limits.above(ratio, RECOMMENDED, FEASIBLE)
        if broken is not None:
            message = f"A hole is {ratio:.1f} times as deep as wide; up to {broken.limit:g} times is usual."
            yield WORDS.say(broken, ratio, message, hole)


RULE = Rule("hole depths", frozenset({RECOMMENDED, FEASIBLE}), features, check)
