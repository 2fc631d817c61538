"""Overhangs that must be supported even in the best direction."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "overhang_area_share", "overhang_area_share_most"
WORDS = Words(
    warning="overhang",
    error="overhang-large",
    fix="Lean walls by no more than 45 degrees, or put a chamfer below what hangs over.",
    unit="1",
    price_effect="Support is printed as well, and taken off by hand.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The share of the area that hangs over when the part stands as well as it can."""
    best = part.facts.overhangs[-1]
    share = best.area_mm2 / part.facts.area_mm2
    broken = limits.above(share, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = (
            f"{share:.1%} of the surface hangs over by more than 45 degrees even in the best direction; "
            f"that takes {best.support_volume_mm3 / 1000:.1f} cm3 of support."
        )
        yield WORDS.say(broken, share, message)


def _knows_overhangs(part: Part) -> bool:
    return bool(part.facts.overhangs) and part.facts.area_mm2 > 0


RULE = Rule("overhangs", frozenset({RECOMMENDED, FEASIBLE}), _knows_overhangs, check)
