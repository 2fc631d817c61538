from typing import Any

import cadquery as cq
import pytest

from app.calculator.features import recognise
from app.contract.geometry import Feature
from tests.calculator.features.known import turned_tool

pytestmark = pytest.mark.cad


def found(shape: Any, kind: str) -> list[Feature]:
    return [feature for feature in recognise(shape.val().wrapped) if feature.kind == kind]


def figures(feature: Feature) -> dict[str, Any]:
    extra = feature.__pydantic_extra__
    assert extra is not None
    return extra


def test_a_shaft_tells_its_diameters_and_the_bar_it_needs() -> None:
    shaft = turned_tool([(10, 0), (10, 30), (6, 30), (6, 50)]).union(
        cq.Workplane().polygon(6, 30).extrude(-8)
    )

    (turned,) = found(shaft, "turned")

    assert figures(turned)["diameters_mm"] == [20.0, 12.0]
    assert (figures(turned)["diameter_mm"], figures(turned)["stock_diameter_mm"]) == (20.0, 30.0)
    assert figures(turned)["length_mm"] == pytest.approx(58)


def test_a_block_with_a_boss_is_not_turned() -> None:
    assert found(cq.Workplane().box(40, 40, 10).union(cq.Workplane().circle(8).extrude(20)), "turned") == []


def test_a_ring_groove_around_a_boss_is_a_face_groove_and_no_hole() -> None:
    plate = (
        cq.Workplane()
        .box(40, 40, 10)
        .cut(cq.Workplane().circle(12).circle(8).extrude(9).translate((0, 0, 2)))
    )

    (groove,) = found(plate, "groove")

    assert (figures(groove)["location"], figures(groove)["width_mm"], figures(groove)["depth_mm"]) == (
        "face",
        4,
        3,
    )
    assert found(plate, "hole") == []


def test_a_thinner_piece_of_a_shaft_is_no_groove() -> None:
    assert found(turned_tool([(10, 0), (10, 20), (7, 20), (7, 40), (10, 40), (10, 60)]), "groove") == []


def test_equal_holes_are_a_group_and_their_arrangement_is_told() -> None:
    plate = cq.Workplane().box(80, 80, 10).faces(">Z").workplane()
    circle = plate.polarArray(25, 0, 360, 6).hole(5)
    row = circle.faces(">Z").workplane().pushPoints([(-12, 0), (0, 0), (12, 0)]).hole(4)

    groups = {
        (figures(hole)["diameter_mm"], figures(hole)["group_size"], figures(hole)["arrangement"])
        for hole in found(row, "hole")
    }

    assert groups == {(5.0, 6, "circle"), (4.0, 3, "row")}
    assert len({figures(hole)["group"] for hole in found(row, "hole")}) == 2


def test_a_single_hole_has_no_group() -> None:
    (hole,) = found(cq.Workplane().box(40, 40, 10).faces(">Z").workplane().hole(5), "hole")

    assert "group" not in figures(hole)
