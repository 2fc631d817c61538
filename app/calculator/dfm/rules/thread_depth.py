"""Threads longer than they hold."""

from collections.abc import Iterator

from app.calculator.dfm.base import Broken, Limits, Part, Rule, Words, features, number
from app.calculator.dfm.rules.thread_size import is_drawn, nominal_mm
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "thread_depth_ratio", "thread_depth_ratio_most"
WORDS = Words(
    warning="thread-deep",
    error="thread-too-deep",
    fix="Tap only as deep as the screw holds; let the rest of the hole be plain.",
    unit="1",
    price_effect="Deep tapping is slow and breaks taps.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """Depth over nominal diameter; a thread that is only supposed is told as an information."""
    for hole in part.features("hole"):
        nominal, depth = nominal_mm(hole), number(hole, "depth_mm")
        if nominal is None or depth is None:
            continue
        broken = limits.above(depth / nominal, RECOMMENDED, FEASIBLE)
        if broken is None:
            continue
        if not is_drawn(hole):
            broken = Broken("info", broken.limit)
        message = (
            f"If this hole is tapped to its end, the thread M{nominal:g} is {depth / nominal:.1f} diameters "
            f"long; more than {broken.limit:g} add no strength."
        )
        yield WORDS.say(broken, depth / nominal, message, hole)


RULE = Rule("thread depths", frozenset({RECOMMENDED, FEASIBLE}), features, check)
