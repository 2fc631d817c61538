"""Tall thin things that bend away from the tool, or fall over while they are printed."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, walls
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "tall_ratio", "tall_ratio_most"
WORDS = Words(
    warning="feature-tall",
    error="feature-too-tall",
    fix="Make it lower or thicker, or give it a rib.",
    unit="1",
    price_effect="Tall thin things are cut slowly, in small steps.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Height over width of the slenderest; nothing is told where nothing stands up."""
    found = part.facts.slenderness
    broken = None if found is None else limits.above(found.ratio, RECOMMENDED, FEASIBLE)
    if found is not None and broken is not None:
        message = (
            f"Something {found.height_mm:.1f} mm high is {found.width_mm:.2f} mm wide: "
            f"{found.ratio:.1f} times as high, up to {broken.limit:g} times is usual."
        )
        yield WORDS.say(broken, found.ratio, message, place=found.place, face_ids=found.face_ids)


RULE = Rule("tall thin things", frozenset({RECOMMENDED, FEASIBLE}), walls, check)
