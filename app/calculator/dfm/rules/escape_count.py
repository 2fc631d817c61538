"""Hollow parts with a single narrow way out: nothing flows where no air comes in."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words
from app.calculator.dfm.rules.escape_hole import knows_hollow
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "escape_holes_recommended", "escape_holes_feasible"
NARROW = "escape_holes_below_mm"
WORDS = Words(
    warning="escape-holes-few",
    error="escape-holes-too-few",
    fix="Add another opening opposite to the first.",
    unit="holes",
    price_effect="What stays inside must be washed or blown out by hand.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Counts only where the ways out are narrower than one that is enough alone."""
    hollow, enough = part.facts.hollow, limits.get(NARROW)
    if hollow is None or hollow.narrow_mm is None or (enough is not None and hollow.narrow_mm >= enough):
        return
    broken = limits.below(hollow.escape_holes, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = f"A hollow room has {hollow.escape_holes} narrow ways out; {broken.limit:g} are needed."
        yield WORDS.say(broken, hollow.escape_holes, message, place=hollow.narrow_place)


RULE = Rule("number of escape holes", frozenset({RECOMMENDED, FEASIBLE, NARROW}), knows_hollow, check)
