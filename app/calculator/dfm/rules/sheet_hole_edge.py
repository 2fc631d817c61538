"""Holes in a sheet too near to its edge or to each other: what is between them bulges or burns."""

from collections.abc import Iterator

from app.calculator.dfm.base import Limits, Part, Rule, Words, features, number
from app.calculator.dfm.rules.sheet_hole import thickness_mm
from app.contract.geometry import Finding

RECOMMENDED, FEASIBLE = "hole_edge_ratio", "hole_edge_ratio_least"
WORDS = Words(
    warning="hole-near-edge",
    error="hole-too-near-edge",
    fix="Move the hole away from the edge.",
    unit="mm",
    price_effect="Narrow bridges are cut slowly and bend.",
)


def check(part: Part, limits: Limits) -> Iterator[Finding]:
    """The least material beside the hole, by the thickness."""
    thickness = thickness_mm(part)
    for hole in part.features("hole"):
        edge = number(hole, "edge_mm")
        broken = limits.below(edge, RECOMMENDED, FEASIBLE, times=thickness) if edge and thickness else None
        if edge is not None and broken is not None:
            message = f"Only {edge:.2f} mm are left beside a hole; {broken.limit:.3g} mm is the least."
            yield WORDS.say(broken, edge, message, hole)


def _knows_edges(part: Part) -> bool:
    holes = part.features("hole")
    return features(part) and all(number(hole, "edge_mm") is not None for hole in holes)


RULE = Rule("distances of holes from edges", frozenset({RECOMMENDED, FEASIBLE}), _knows_edges, check)
