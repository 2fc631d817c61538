"""Ways out of a hollow part that are too narrow for powder or resin."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "escape_hole_recommended_mm", "escape_hole_feasible_mm"
WORDS = Words(
    warning="escape-narrow",
    error="escape-too-narrow",
    fix="Widen the opening, or add another one opposite to it.",
    unit="mm",
    price_effect="What stays inside must be washed or blown out by hand.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The widest way out of the room that is hardest to empty."""
    hollow = part.facts.hollow
    width = None if hollow is None else hollow.narrow_mm
    broken = None if width is None else limits.below(width, RECOMMENDED, FEASIBLE)
    if hollow is not None and width is not None and broken is not None:
        message = f"A hollow room has no way out wider than {width:.2f} mm; {broken.limit:g} mm is the least."
        yield WORDS.say(broken, width, message, place=hollow.narrow_place)


def knows_hollow(part: Part) -> bool:
    """Whether it is known what is inside."""
    return part.facts.hollow is not None


RULE = Rule("escape holes", frozenset({RECOMMENDED, FEASIBLE}), knows_hollow, check)
