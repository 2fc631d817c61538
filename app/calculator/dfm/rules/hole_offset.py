"""Holes in a turned part beside its axis: the drill must turn, not the part."""

from collections.abc import Iterator
from math import sqrt

from app.calculator.dfm.base import Limits, Part, Rule, Words, arm, axis_of, dot, features
from app.contract.geometry import Feature, Finding

RECOMMENDED, FEASIBLE = "hole_offset_recommended_mm", "hole_offset_feasible_mm"
WORDS = Words(
    warning="hole-off-axis",
    error="hole-too-far-off-axis",
    fix="Put the hole on the axis where that is possible.",
    unit="mm",
    price_effect="Holes beside the axis take driven tools or a second machine.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The distance of the mouth from the axis of the turned part."""
    turned = next(iter(part.features("turned")), None)
    for hole in part.features("hole"):
        offset = None if turned is None else _offset_mm(turned, hole)
        broken = None if offset is None else limits.above(offset, RECOMMENDED, FEASIBLE)
        if offset is not None and broken is not None:
            message = f"A hole begins {offset:.2f} mm beside the axis of the turned part."
            yield WORDS.say(broken, offset, message, hole)


def _offset_mm(turned: Feature, hole: Feature) -> float | None:
    spindle = axis_of(turned)
    if spindle is None:
        return None
    away = arm(turned.place, hole.place)
    return sqrt(max(0.0, dot(away, away) - dot(away, spindle) ** 2))


RULE = Rule("holes beside the axis", frozenset({RECOMMENDED, FEASIBLE}), features, check)
