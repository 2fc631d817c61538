"""Cavities without any opening, in which powder or resin stays."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words
from app.calculator.dfm.rules.escape_hole import knows_hollow
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "trapped_recommended_mm3", "trapped_feasible_mm3"
WORDS = Words(
    warning="volume-trapped",
    error="volume-trapped-large",
    fix="Open the cavity with two holes, or fill it.",
    unit="mm3",
    price_effect="What stays inside is paid for and adds to the weight.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The volume of all of them together."""
    hollow = part.facts.hollow
    assert hollow is not None
    broken = limits.above(hollow.trapped_volume_mm3, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = f"{hollow.trapped} cavities of {hollow.trapped_volume_mm3:.0f} mm3 have no opening at all."
        yield WORDS.say(broken, hollow.trapped_volume_mm3, message, place=hollow.trapped_place)


RULE = Rule("trapped volumes", frozenset({RECOMMENDED, FEASIBLE}), knows_hollow, check)
