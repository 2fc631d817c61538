"""Pockets too deep for their width."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number, text
from app.contract.geometry import Feature, Finding

RECOMMENDED, FEASIBLE = "pocket_depth_ratio", "pocket_depth_ratio_most"
WORDS = Words(
    warning="pocket-deep",
    error="pocket-too-deep",
    fix="Widen the pocket or make it shallower.",
    unit="1",
    price_effect="Long thin tools cut with a fraction of the feed.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Depth over width; what goes through can be cut from both sides."""
    for pocket in part.features("pocket"):
        width, depth = number(pocket, "width_mm"), number(pocket, "depth_mm")
        if not width or depth is None:
            continue
        ratio = depth / width / (2 if _goes_through(pocket) else 1)
        broken = limits.above(ratio, RECOMMENDED, FEASIBLE)
        if broken is not None:
            message = f"A pocket is {ratio:.1f} times as deep as wide; up to {broken.limit:g} times is usual."
            yield WORDS.say(broken, ratio, message, pocket)


def _goes_through(pocket: Feature) -> bool:
    return text(pocket, "type") == "through"


RULE = Rule("pocket depths", frozenset({RECOMMENDED, FEASIBLE}), features, check)
