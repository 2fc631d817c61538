"""Turned parts too long for their diameter."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "turned_length_ratio", "turned_length_ratio_most"
WORDS = Words(
    warning="turned-long",
    error="turned-too-long",
    fix="Make the part shorter or thicker, or leave room for a centre at its end.",
    unit="1",
    price_effect="A long thin part is held by a tailstock or a steady and turned slowly.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Length over the widest diameter."""
    for turned in part.features("turned"):
        diameter, length = number(turned, "diameter_mm"), number(turned, "length_mm")
        if not diameter or length is None:
            continue
        broken = limits.above(length / diameter, RECOMMENDED, FEASIBLE)
        if broken is not None:
            message = (
                f"The turned part is {length / diameter:.1f} times as long as thick; "
                f"up to {broken.limit:g} times needs no support."
            )
            yield WORDS.say(broken, length / diameter, message, turned)


RULE = Rule("length of turned parts", frozenset({RECOMMENDED, FEASIBLE}), features, check)
