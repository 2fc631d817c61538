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
        "flange_mm": pytest.approx(20),
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


class TestBridges:
    def plate(self, *holes: tuple[float, float, float]) -> Any:
        """100 x 60 x 2 about the origin, with holes at x, y of a diameter."""
        body = cq.Workplane().box(100, 60, 2)
        for x, y, diameter in holes:
            body = body.faces(">Z").workplane(origin=(0, 0, 0)).center(x, y).hole(diameter)
        return body.val()

    def bridge(self, shape: Any) -> Any:
        (sheet,) = found(shape, "sheet")
        return figures(sheet)["bridge_mm"]

    def test_a_plate_without_holes_has_none(self) -> None:
        assert self.bridge(self.plate()) is None

    def test_is_measured_to_the_edge(self) -> None:
        (sheet,) = found(self.plate((0, 0, 10), (44, 5, 8)), "sheet")

        assert figures(sheet)["bridge_mm"] == pytest.approx(2)
        assert figures(sheet)["bridge_place"][:2] == pytest.approx([44, 5])

    def test_is_measured_to_the_next_hole_whatever_its_size(self) -> None:
        assert self.bridge(self.plate((0, 0, 30), (20, 0, 6), (-35, 0, 5))) == pytest.approx(2)

    def test_is_measured_to_a_window(self) -> None:
        window = cq.Workplane().rect(20, 20).extrude(10, both=True)
        plate = cq.Workplane(self.plate((15, 0, 4))).cut(window).val()

        assert self.bridge(plate) == pytest.approx(3)

    def test_of_a_washer_is_its_rim(self) -> None:
        washer = cq.Workplane().circle(30).circle(12).extrude(2)

        assert self.bridge(washer.val()) == pytest.approx(18)

    def test_is_measured_to_rounded_corners(self) -> None:
        plate = cq.Workplane(self.plate((40, 20, 6))).edges("|Z").fillet(15).val()

        assert self.bridge(plate) == pytest.approx(15 - 5 * 2**0.5 - 3, abs=1e-6)

    def test_a_bend_is_no_edge(self) -> None:
        drilled = cq.Workplane(angle_bracket()).faces("<Y").workplane(centerOption="CenterOfBoundBox")
        body = drilled.center(0, 0).hole(4)

        assert self.bridge(body.val()) > 4
