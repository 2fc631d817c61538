"""Slots in a sheet narrower than the sheet is thick."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.calculator.dfm.rules.sheet_hole import thickness_mm
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "sheet_slot_ratio", "sheet_slot_ratio_least"
WORDS = Words(
    warning="slot-narrow",
    error="slot-too-narrow",
    fix="Widen the slot to the thickness of the sheet.",
    unit="mm",
    price_effect="Narrow slots are cut slowly and burn.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The width of every window, by the thickness."""
    thickness = thickness_mm(part)
    for slot in part.features("pocket"):
        width = number(slot, "width_mm")
        broken = limits.below(width, RECOMMENDED, FEASIBLE, times=thickness) if width and thickness else None
        if width is not None and broken is not None:
            message = f"A slot is {width:.2f} mm wide; {broken.limit:.3g} mm is the least in this sheet."
            yield WORDS.say(broken, width, message, slot)


RULE = Rule("slots in the sheet", frozenset({RECOMMENDED, FEASIBLE}), features, check)
