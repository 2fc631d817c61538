"""Fillets at the floor of a pocket that are larger than its corners: no tool leaves both."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "floor_radius_share", "floor_radius_share_most"
WORDS = Words(
    warning="floor-radius-large",
    error="floor-radius-too-large",
    fix="Make the floor radius smaller than the corner radius, in a size that tools have.",
    unit="mm",
    price_effect="The floor is finished in many fine passes.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The floor radius by the corner radius."""
    for pocket in part.features("pocket"):
        floor, corner = number(pocket, "floor_radius_mm"), number(pocket, "corner_radius_mm")
        if floor is None or not corner:
            continue
        broken = limits.above(floor, RECOMMENDED, FEASIBLE, times=corner)
        if broken is not None:
            message = f"A pocket has a floor radius of {floor:.2f} mm between corners of R{corner:.2f}."
            yield WORDS.say(broken, floor, message, pocket)


RULE = Rule("floor radii", frozenset({RECOMMENDED, FEASIBLE}), features, check)
