"""Holes for which no drill is in stock: they are milled or bored."""

from collections.abc import Iterator

from app.calculator.dfm.base import Broken, Limits, Part, Rule, Words, features, number, text
from app.contract.geometry import Finding

STEP, LARGE_STEP = "drill_step_mm", "drill_step_large_mm"
LARGE, MOST = "drill_large_mm", "drill_most_mm"
INCH_PARTS = "drill_inch_parts"
INCH_MM = 25.4
WORDS = Words(
    warning="hole-not-standard",
    error="hole-not-standard",
    fix="Choose the diameter of a standard drill.",
    unit="mm",
    price_effect="A hole without a drill of its own is milled or bored.",
)
SAME_MM = 0.006
"""Drawn diameters are given to a hundredth."""


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Compares with the nearest drill, metric or of an inch; leaves threads and wide holes alone."""
    step, large_step = limits.get(STEP), limits.get(LARGE_STEP)
    large, most, parts = limits.get(LARGE), limits.get(MOST), limits.get(INCH_PARTS)
    if not step or not large_step or large is None or most is None:
        return
    for hole in part.features("hole"):
        diameter = number(hole, "diameter_mm")
        if diameter is None or diameter > most or text(hole, "thread_candidate") is not None:
            continue
        sizes = [step if diameter <= large else large_step, *([INCH_MM / parts] if parts else [])]
        nearest = min(
            (round(diameter / size) * size for size in sizes), key=lambda drill: abs(drill - diameter)
        )
        if abs(nearest - diameter) > SAME_MM:
            message = f"There is no standard drill of {diameter:.2f} mm; the nearest has {nearest:.2f} mm."
            yield WORDS.say(Broken("warning", nearest), diameter, message, hole)


RULE = Rule("standard drills", frozenset({STEP, LARGE_STEP, LARGE, MOST, INCH_PARTS}), features, check)
