"""Holes in a sheet too near to its edge or to each other: what is between them bulges or burns."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.contract.geometry import Feature, Finding, Vector

RECOMMENDED, FEASIBLE = "hole_edge_ratio", "hole_edge_ratio_least"
WORDS = Words(
    warning="hole-near-edge",
    error="hole-too-near-edge",
    fix="Move the hole away from the edge, or the holes apart.",
    unit="mm",
    price_effect="Narrow bridges are cut slowly and bend.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The least material beside a hole of every sheet, by the thickness."""
    for sheet in part.features("sheet"):
        bridge, thickness = number(sheet, "bridge_mm"), number(sheet, "thickness_mm")
        if bridge is None or not thickness:
            continue
        broken = limits.below(bridge, RECOMMENDED, FEASIBLE, times=thickness)
        if broken is not None:
            message = f"Only {bridge:.2f} mm are left beside a hole; {broken.limit:.3g} mm is the least."
            yield WORDS.say(broken, bridge, message, sheet, face_ids=(), place=_place(sheet))


def _place(sheet: Feature) -> Vector:
    x, y, z = (sheet.__pydantic_extra__ or {})["bridge_place"]
    return Vector(x=x, y=y, z=z)


RULE = Rule("distances of holes from edges", frozenset({RECOMMENDED, FEASIBLE}), features, check)
