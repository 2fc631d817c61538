"""Holes in a turned part that are slanted to its axis."""

from collections.abc import Iterator
from math import acos, degrees

from app.calculator.dfm.base import Limits, Part, Rule, Words, axis_of, dot, features
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "hole_tilt_recommended_deg", "hole_tilt_feasible_deg"
WORDS = Words(
    warning="hole-slanted",
    error="hole-too-slanted",
    fix="Put the hole along the axis or square to it.",
    unit="deg",
    price_effect="Slanted holes are drilled on another machine.",
)
SQUARE_DEG = 90.0


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The angle to the axis, or to the plane across it, whichever is less."""
    turned = next(iter(part.features("turned")), None)
    spindle = None if turned is None else axis_of(turned)
    for hole in part.features("hole"):
        axis = axis_of(hole)
        if spindle is None or axis is None:
            continue
        angle = degrees(acos(min(1.0, abs(dot(spindle, axis)))))
        tilt = min(angle, SQUARE_DEG - angle)
        broken = limits.above(tilt, RECOMMENDED, FEASIBLE)
        if broken is not None:
            message = f"A hole is slanted by {tilt:.1f} degrees to the axis of the turned part."
            yield WORDS.say(broken, tilt, message, hole)


RULE = Rule("directions of holes", frozenset({RECOMMENDED, FEASIBLE}), features, check)
