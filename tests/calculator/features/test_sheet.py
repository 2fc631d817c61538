from math import log10, pi
from random import Random
from typing import Any

import cadquery as cq
import pytest

from app.calculator.features import recognise
from app.calculator.features.bends import k_factor
from app.contract.geometry import Feature
from tests.calculator.features.sheet_parts import flat_sheet, profile, tray

pytestmark = pytest.mark.cad


def found(shape: Any, kind: str) -> list[Feature]:
    return [feature for feature in recognise(shape.wrapped) if feature.kind == kind]


def figures(feature: Feature) -> dict[str, Any]:
    extra = feature.__pydantic_extra__
    assert extra is not None
    return extra


def angle_bracket() -> Any:
    """2 mm, two legs of 30 and 20 outside, inner radius 2, 40 wide."""
    outline = [(0, 0), (30, 0), (30, 2), (2, 2), (2, 20), (0, 20)]
    body = cq.Workplane().polyline(outline).close().extrude(40)
    body = body.edges(cq.selectors.NearestToPointSelector((2, 2, 20))).fillet(2)
    return body.edges(cq.selectors.NearestToPointSelector((0, 0, 20))).fillet(4).val()


def test_an_angle_has_one_bend() -> None:
    (bend,) = found(angle_bracket(), "bend")

    assert (bend.place.x, bend.place.y, bend.place.z) == pytest.approx((4, 4, 20))
    assert figures(bend) == {
        "radius_mm": 2.0,
        "angle_deg": 90.0,
        "length_mm": 40.0,
        "thickness_mm": 2.0,
        "allowance_mm": pytest.approx(pi / 2 * (2 + 0.325 * 2), abs=1e-5),
        "axis": [0.0, 0.0, 1.0],
    }


def test_the_flat_pattern_of_an_angle_is_its_legs_and_the_arc_of_the_neutral_fibre() -> None:
    (sheet,) = found(angle_bracket(), "sheet")

    width = 26 + 16 + pi / 2 * (2 + 0.325 * 2)
    assert figures(sheet)["flat_area_mm2"] == pytest.approx(width * 40, abs=1e-3)
    assert figures(sheet)["cut_length_mm"] == pytest.approx(2 * (width + 40), rel=0.02)


@pytest.mark.parametrize(
    ("ratio", "factor"),
    [
        (0.01, 0.0),
        (0.5, (0.65 + 0.5 * log10(0.5)) / 2),
        (1, 0.325),
        (2, (0.65 + 0.5 * log10(2)) / 2),
        (8, 0.5),
    ],
)
def test_the_neutral_fibre_follows_din_6935(ratio: float, factor: float) -> None:
    assert k_factor(ratio * 2, 2) == pytest.approx(factor)


def test_a_window_of_a_blank_counts_as_inner_contour() -> None:
    (sheet,) = found(flat_sheet(Random(1)).shape, "sheet")

    assert (figures(sheet)["bends"], figures(sheet)["inner_contours"]) == (0, 3)


def test_bends_leave_no_pockets() -> None:
    for part in (tray(Random(4)), profile(Random(4))):
        assert found(part.shape, "pocket") == []


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(cq.Workplane().box(60, 40, 20).val(), id="block"),
        pytest.param(
            cq.Workplane().box(60, 40, 5).faces(">Z").workplane().rect(20, 20).cutBlind(-2).val(), id="milled"
        ),
        pytest.param(cq.Workplane().box(60, 8, 5).val(), id="bar"),
    ],
)
def test_what_is_milled_is_no_sheet(shape: Any) -> None:
    assert found(shape, "sheet") == []
