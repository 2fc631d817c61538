"""Holes in a sheet so near to a bend that they are drawn out of shape."""

from collections.abc import Iterator
from math import sqrt

from app.calculator.dfm.base import Limits, Part, Rule, Words, arm, axis_of, dot, features, number
from app.contract.geometry import Feature, Finding

RECOMMENDED, FEASIBLE = "hole_bend_ratio", "hole_bend_ratio_least"
WORDS = Words(
    warning="hole-near-bend",
    error="hole-too-near-bend",
    fix="Move the hole away from the bend, or cut it after bending.",
    unit="mm",
    price_effect="Holes near a bend are drilled after bending.",
)
MOST_PAIRS = 20_000
"""Holes times bends that are compared; the rest is told by those."""
_ACROSS = 0.01
"""Cosine below which two directions are square to each other."""
_SKINS = 2.5
"""A hole belongs to the panel beside a bend when its mouth is this near to it, by radius and thickness."""


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """From the rim to the line where the bend begins, by the thickness and the radius of the bend."""
    bends = part.features("bend")
    holes = part.features("hole")[: MOST_PAIRS // max(1, len(bends))]
    for hole in holes:
        near = min((beside for beside in (_beside(hole, bend) for bend in bends) if beside), default=None)
        if near is None:
            continue
        distance, radius, thickness = near
        broken = limits.below(distance, RECOMMENDED, FEASIBLE, times=thickness, plus=radius)
        if broken is not None:
            message = f"A hole is {distance:.2f} mm beside a bend; {broken.limit:.3g} mm is the least."
            yield WORDS.say(broken, distance, message, hole)


def _beside(hole: Feature, bend: Feature) -> tuple[float, float, float] | None:
    """Distance from the bend line, inner radius and thickness, if the hole is in a panel beside the bend."""
    bore, along = axis_of(hole), axis_of(bend)
    figures = [number(bend, name) for name in ("radius_mm", "thickness_mm", "length_mm")]
    diameter = number(hole, "diameter_mm")
    if bore is None or along is None or diameter is None or None in figures:
        return None
    radius, thickness, length = (figure or 0.0 for figure in figures)
    away = arm(bend.place, hole.place)
    aside, level = dot(away, along), dot(away, bore)
    beyond = abs(level) > _SKINS * (radius + thickness) or abs(aside) > (length + diameter) / 2
    if beyond or abs(dot(bore, along)) > _ACROSS:
        return None
    across = sqrt(max(0.0, dot(away, away) - aside**2 - level**2))
    return max(0.0, across - diameter / 2), radius, thickness


RULE = Rule("distances of holes from bends", frozenset({RECOMMENDED, FEASIBLE}), features, check)
