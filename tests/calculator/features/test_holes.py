from typing import Any

import cadquery as cq
import pytest

from app.calculator.features import recognise
from app.contract.geometry import Feature
from tests.calculator.features.known import aimed, turned_tool

pytestmark = pytest.mark.cad


def holes(shape: Any) -> list[Feature]:
    return [feature for feature in recognise(shape.wrapped) if feature.kind == "hole"]


def figures(feature: Feature) -> dict[str, Any]:
    extra = feature.__pydantic_extra__
    assert extra is not None
    return extra


def plate() -> Any:
    return cq.Workplane().box(40, 30, 10)


class TestFigures:
    def test_of_a_tapped_hole(self) -> None:
        (hole,) = holes(plate().faces(">Z").workplane().hole(5).val())

        assert figures(hole) == {
            "type": "through",
            "diameter_mm": 5.0,
            "depth_mm": 10.0,
            "axis": [0.0, 0.0, -1.0],
            "thread_candidate": "M6",
            "through": True,
            "steps": [{"diameter_mm": 5.0, "depth_mm": 10.0}],
            "stroke": None,
            "thread_drawn": False,
            "breaks_out": False,
            "crossing": False,
            "tip": None,
            "tip_angle_deg": None,
        }
        assert (hole.place.x, hole.place.y, hole.place.z) == (0, 0, -5)
        assert (hole.id, hole.confidence) == ("hole-1", 1.0)

    def test_faces_are_counted_in_the_order_of_the_file(self) -> None:
        shape = plate().faces(">Z").workplane().hole(5).val()

        (hole,) = holes(shape)

        assert [shape.Faces()[number].geomType() for number in hole.face_ids] == ["CYLINDER"]

    def test_axis_points_out_of_the_mouth_of_a_blind_hole(self) -> None:
        tool = aimed(turned_tool([(2, 1), (2, -6)]), (0, 0, -5), (0, 0, -1))

        (hole,) = holes(plate().val().cut(tool))

        assert (figures(hole)["type"], figures(hole)["axis"]) == ("blind", [0.0, 0.0, -1.0])
        assert hole.place.z == pytest.approx(-5)

    def test_of_a_stepped_hole_tell_every_step(self) -> None:
        (hole,) = holes(plate().faces(">Z").workplane().cboreHole(4.3, 8, 4).val())

        assert figures(hole)["steps"] == [
            {"diameter_mm": 8.0, "depth_mm": 4.0},
            {"diameter_mm": 4.3, "depth_mm": 6.0},
        ]

    def test_of_lugs_drilled_in_one_stroke_share_its_number(self) -> None:
        fork = cq.Workplane().box(30, 20, 30).cut(cq.Workplane().box(15, 30, 30).translate((0, 0, 10)))

        found = holes(fork.faces("<X").workplane().hole(4).val())

        assert [figures(hole)["stroke"] for hole in found] == [1, 1]

    def test_of_two_bodies_stay_apart(self) -> None:
        one = plate().faces(">Z").workplane().hole(5).val()

        found = holes(cq.Compound.makeCompound([one, one.moved(cq.Location(cq.Vector(0, 0, 10)))]))

        assert [figures(hole)["depth_mm"] for hole in found] == [10, 10]
        assert len({number for hole in found for number in hole.face_ids}) == 2


class TestNothing:
    @pytest.mark.parametrize(
        "shape",
        [
            pytest.param(cq.Workplane().circle(5).extrude(20).val(), id="shaft"),
            pytest.param(plate().edges("|Z").fillet(4).val(), id="rounded corners"),
            pytest.param(plate().faces(">Z").workplane().slot2D(20, 6).cutThruAll().val(), id="slot"),
            pytest.param(plate().cut(cq.Workplane().circle(8).circle(5).extrude(9)).val(), id="ring groove"),
            pytest.param(
                plate().cut(cq.Workplane().circle(3).extrude(4, both=True)).val(), id="closed cavity"
            ),
            pytest.param(
                plate().cut(cq.Workplane().center(20, 0).circle(4).extrude(20, both=True)).val(), id="notch"
            ),
            pytest.param(cq.Workplane().sphere(9).val(), id="sphere"),
        ],
    )
    def test_is_a_hole(self, shape: Any) -> None:
        assert holes(shape) == []
