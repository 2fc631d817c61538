"""Thick sections, which warp or crack and take long."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, walls
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "section_recommended_mm", "section_feasible_mm"
WORDS = Words(
    warning="section-thick",
    error="section-too-thick",
    fix="Hollow the part out and give it two openings.",
    unit="mm",
    price_effect="Solid material takes time, costs material and warps.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Judges the median of the thickness: half of the part is thicker."""
    thickness = part.facts.thickness_mm
    assert thickness is not None
    broken = limits.above(thickness.median, RECOMMENDED, FEASIBLE)
    if broken is not None:
        message = (
            f"Most of the part is {thickness.median:.1f} mm thick; up to {broken.limit:g} mm is advised."
        )
        yield WORDS.say(broken, thickness.median, message)


RULE = Rule("thick sections", frozenset({RECOMMENDED, FEASIBLE}), walls, check)
