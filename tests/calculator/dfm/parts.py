"""Parts with one thing to judge, everything else measured and harmless."""

from collections.abc import Sequence
from typing import Any

from app.calculator.dfm import Rulebook
from app.calculator.dfm.base import Figures, Rule
from app.calculator.dfm.rules import RULES
from app.contract.geometry import Finding, PartFacts
from tests.factories.parts import make_facts

PLACE = {"x": 1, "y": 2, "z": 3}
MEASURED: dict[str, Any] = {
    "thickness_mm": {"min": 5, "p5": 5, "median": 10, "thinnest_place": PLACE, "thinnest_face_ids": [7]},
    "access": {"setups": [], "directions_tried": 6, "unreached_share": 0},
    "overhangs": [
        {
            "up": (0, 0, 1),
            "area_mm2": 0,
            "support_volume_mm3": 0,
            "contact_mm2": 100,
            "height_mm": 25,
            "wall_mm2": 1,
            "roof_mm2": 1,
        }
    ],
    "hollow": {"trapped": 0, "trapped_volume_mm3": 0},
}


def judge(facts: PartFacts, figures: Figures, rules: Sequence[Rule] = RULES) -> list[Finding]:
    return list(Rulebook(figures, rules).judge(facts))


def measured(**changes: Any) -> PartFacts:
    return make_facts(**{**MEASURED, **changes})


def feature(kind: str, number: int = 1, **figures: Any) -> dict[str, Any]:
    return {
        "id": f"{kind}-{number}",
        "kind": kind,
        "face_ids": [number],
        "place": PLACE,
        "confidence": 1,
        **figures,
    }


def hole(diameter_mm: float, depth_mm: float = 5, number: int = 1, **figures: Any) -> dict[str, Any]:
    return feature(
        "hole",
        number,
        **{
            "type": "through",
            "diameter_mm": diameter_mm,
            "depth_mm": depth_mm,
            "axis": [0, 0, 1],
            "tip": None,
            "thread_candidate": None,
            **figures,
        },
    )


def pocket(**figures: Any) -> dict[str, Any]:
    usual = {"type": "closed", "depth_mm": 10, "width_mm": 20, "corner_radius_mm": 5, "floor_radius_mm": None}
    return feature("pocket", **{**usual, **figures})


def with_features(*features: dict[str, Any], **changes: Any) -> PartFacts:
    return measured(features=list(features), **changes)


def in_sheet(*features: dict[str, Any], bridge_mm: float | None = None) -> PartFacts:
    """A sheet of 2 mm."""
    sheet = feature("sheet", thickness_mm=2, bridge_mm=bridge_mm, bridge_place=[1, 2, 3])
    return with_features(sheet, *features)


def bend(**figures: Any) -> dict[str, Any]:
    """About the x axis, R2 in a sheet of 2 mm, at the place (0, 0, 0)."""
    usual = {"radius_mm": 2, "thickness_mm": 2, "length_mm": 100, "angle_deg": 90, "flange_mm": 20}
    place = {"x": 0, "y": 0, "z": 0}
    return {**feature("bend", axis=[1, 0, 0], **{**usual, **figures}), "place": place}
