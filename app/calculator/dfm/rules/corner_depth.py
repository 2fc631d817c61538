"""Pockets too deep for the tool that fits their corners."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "corner_depth_ratio", "corner_depth_ratio_most"
WORDS = Words(
    warning="corner-deep",
    error="corner-too-deep",
    fix="Give the corners a larger radius, at least a third of the depth.",
    unit="1",
    price_effect="Long thin tools cut with a fraction of the feed.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Depth over corner radius."""
    for pocket in part.features("pocket"):
        radius, depth = number(pocket, "corner_radius_mm"), number(pocket, "depth_mm")
        if not radius or depth is None:
            continue
        broken = limits.above(depth / radius, RECOMMENDED, FEASIBLE)
        if broken is not None:
            message = (
                f"A pocket {depth:.1f} mm deep has corners of R{radius:.2f}: {depth / radius:.1f} times the "
                f"radius, up to {broken.limit:g} times is usual."
            )
            yield WORDS.say(broken, depth / radius, message, pocket)


RULE = Rule("depths of inner corners", frozenset({RECOMMENDED, FEASIBLE}), features, check)
