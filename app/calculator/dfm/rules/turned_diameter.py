"""Turned steps too thin to be turned."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "turned_diameter_recommended_mm", "turned_diameter_feasible_mm"
WORDS = Words(
    warning="turned-diameter-small",
    error="turned-diameter-too-small",
    fix="Make the step thicker.",
    unit="mm",
    price_effect="A thin step bends away from the tool.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The thinnest step of every turned body."""
    for turned in part.features("turned"):
        diameters = (turned.__pydantic_extra__ or {}).get("diameters_mm") or ()
        thinnest = min((float(diameter) for diameter in diameters), default=None)
        broken = None if thinnest is None else limits.below(thinnest, RECOMMENDED, FEASIBLE)
        if thinnest is not None and broken is not None:
            message = f"A turned step has a diameter of {thinnest:.2f} mm; {broken.limit:g} mm is the least."
            yield WORDS.say(broken, thinnest, message, turned)


RULE = Rule("turned diameters", frozenset({RECOMMENDED, FEASIBLE}), features, check)
