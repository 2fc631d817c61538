"""Gaps in which the walls grow together, or moving parts stick."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, walls
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "gap_recommended_mm", "gap_feasible_mm"
WORDS = Words(
    warning="gap-narrow",
    error="gap-too-narrow",
    fix="Leave more room between the walls.",
    unit="mm",
    price_effect="Narrow gaps are cleared by hand, or stay closed.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The narrowest opening between two walls; nothing is told where there is none."""
    gap = part.facts.smallest_gap
    broken = None if gap is None else limits.below(gap.width_mm, RECOMMENDED, FEASIBLE)
    if gap is not None and broken is not None:
        message = f"Two walls are {gap.width_mm:.2f} mm apart; {broken.limit:g} mm is the least."
        yield WORDS.say(broken, gap.width_mm, message, place=gap.place, face_ids=gap.face_ids)


RULE = Rule("gaps", frozenset({RECOMMENDED, FEASIBLE}), walls, check)
