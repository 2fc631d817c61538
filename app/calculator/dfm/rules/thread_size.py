"""Threads finer than taps last."""

import re
from collections.abc import Iterator

from app.calculator.dfm.base import Broken, Limits, Part, Rule, Words, features, text
from app.contract.geometry import Feature, Finding

RECOMMENDED, FEASIBLE = "thread_recommended_mm", "thread_smallest_mm"
WORDS = Words(
    warning="thread-small",
    error="thread-too-small",
    fix="Choose a larger thread.",
    unit="mm",
    price_effect="Small taps break.",
)


def nominal_mm(hole: Feature) -> float | None:
    """The nominal diameter of the thread the hole may be drilled for (``M8x1`` is 8)."""
    found = re.match(r"M(\d+(?:\.\d+)?)", text(hole, "thread_candidate") or "")
    return float(found[1]) if found else None


def is_drawn(hole: Feature) -> bool:
    """Whether the thread is in the model; else the hole only has the diameter of its tap drill."""
    return bool((hole.__pydantic_extra__ or {}).get("thread_drawn"))


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """A thread that is only supposed is told as an information."""
    for hole in part.features("hole"):
        nominal = nominal_mm(hole)
        broken = None if nominal is None else limits.below(nominal, RECOMMENDED, FEASIBLE)
        if nominal is None or broken is None:
            continue
        if not is_drawn(hole):
            broken = Broken("info", broken.limit)
        message = f"If this hole is tapped, its thread M{nominal:g} is smaller than M{broken.limit:g}."
        yield WORDS.say(broken, nominal, message, hole)


RULE = Rule("thread sizes", frozenset({RECOMMENDED, FEASIBLE}), features, check)
