"""Holes in a sheet narrower than the sheet is thick."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "sheet_hole_ratio", "sheet_hole_ratio_least"
WORDS = Words(
    warning="sheet-hole-narrow",
    error="sheet-hole-too-narrow",
    fix="Widen the hole to the thickness of the sheet, or drill it.",
    unit="mm",
    price_effect="Narrow holes are drilled in a second step.",
)


def thickness_mm(part: Part) -> float | None:
    """The thickness of the sheet that the part is made of."""
    sheet = next(iter(part.features("sheet")), None)
    return None if sheet is None else number(sheet, "thickness_mm")


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The diameter by the thickness."""
    thickness = thickness_mm(part)
    for hole in part.features("hole"):
        diameter = number(hole, "diameter_mm")
        if diameter is None or not thickness:
            continue
        broken = limits.below(diameter, RECOMMENDED, FEASIBLE, times=thickness)
        if broken is not None:
            message = f"A hole of {diameter:.2f} mm is narrower than {broken.limit:.3g} mm."
            yield WORDS.say(broken, diameter, message, hole)


RULE = Rule("holes in the sheet", frozenset({RECOMMENDED, FEASIBLE}), features, check)
