"""Details finer than the process shows."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, walls
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "detail_recommended_mm", "detail_feasible_mm"
WORDS = Words(
    warning="detail-fine",
    error="detail-too-fine",
    fix="Make ribs, letters and pins thicker.",
    unit="mm",
    price_effect="Fine details are lost or break off.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The width of the slenderest thing that stands up from the part."""
    found = part.facts.slenderness
    broken = None if found is None else limits.below(found.width_mm, RECOMMENDED, FEASIBLE)
    if found is not None and broken is not None:
        message = (
            f"Something that stands up is {found.width_mm:.2f} mm wide; {broken.limit:g} mm is the least."
        )
        yield WORDS.say(broken, found.width_mm, message, place=found.place, face_ids=found.face_ids)


RULE = Rule("fine details", frozenset({RECOMMENDED, FEASIBLE}), walls, check)
