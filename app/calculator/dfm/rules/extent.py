"""Parts longer than most machines of the shop."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, always
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "extent_recommended_mm", "extent_feasible_mm"
WORDS = Words(
    warning="part-large",
    error="part-too-large",
    fix="Divide the part, or ask for a price by hand.",
    unit="mm",
    price_effect="Only the largest machines can hold it.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The longest side of the smallest box."""
    longest = part.facts.oriented_box_mm.x
    broken = limits.above(longest, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = f"The part is {longest:.0f} mm long; up to {broken.limit:g} mm is usual."
        yield WORDS.say(broken, longest, message)


RULE = Rule("size", frozenset({RECOMMENDED, FEASIBLE}), always, check)
