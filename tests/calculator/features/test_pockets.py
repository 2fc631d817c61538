from typing import Any

import cadquery as cq
import pytest

from app.calculator.features import recognise
from app.contract.geometry import Feature

pytestmark = pytest.mark.cad


def found(shape: Any, kind: str = "pocket") -> list[Feature]:
    return [feature for feature in recognise(shape.val().wrapped) if feature.kind == kind]


def figures(feature: Feature) -> dict[str, Any]:
    extra = feature.__pydantic_extra__
    assert extra is not None
    return extra


def block() -> Any:
    return cq.Workplane().box(60, 40, 20)


def test_a_closed_pocket_tells_its_size_and_corners() -> None:
    cutter = cq.Workplane().rect(30, 20).extrude(20).edges("|Z").fillet(3)

    (pocket,) = found(block().cut(cutter.translate((5, 0, 4))))

    assert figures(pocket) == {
        "type": "closed",
        "slot": False,
        "depth_mm": 6.0,
        "length_mm": 30.0,
        "width_mm": 20.0,
        "axis": [0.0, 0.0, 1.0],
        "corner_radius_mm": 3.0,
        "sharp_corners": 0,
        "floor_radius_mm": None,
    }
    assert (pocket.place.x, pocket.place.y, pocket.place.z) == (5, 0, 4)


def test_every_sharp_inner_corner_has_a_place() -> None:
    part = block().cut(cq.Workplane().rect(30, 20).extrude(20).translate((0, 0, 4)))

    corners = found(part, "sharp-corner")

    assert sorted((corner.place.x, corner.place.y) for corner in corners) == [
        (-15, -10),
        (-15, 10),
        (15, -10),
        (15, 10),
    ]
    assert [figures(corner)["length_mm"] for corner in corners] == [6.0] * 4


def test_an_open_slot_is_as_wide_as_its_walls_are_apart() -> None:
    (slot,) = found(block().cut(cq.Workplane().box(8, 60, 10).translate((0, 0, 10))))

    assert (figures(slot)["type"], figures(slot)["slot"]) == ("open", True)
    assert (figures(slot)["width_mm"], figures(slot)["depth_mm"]) == (8.0, 5.0)


def test_a_window_goes_through() -> None:
    (window,) = found(block().faces(">Z").workplane().rect(20, 10).cutThruAll())

    assert (figures(window)["type"], figures(window)["depth_mm"]) == ("through", 20.0)


def test_a_long_slot_that_runs_out_at_one_end_is_open() -> None:
    (slot,) = found(block().cut(cq.Workplane().box(59, 2, 10).translate((2, 0, 10))))

    assert (figures(slot)["type"], figures(slot)["slot"]) == ("open", True)


def test_the_floor_of_a_wide_channel_is_what_lies_under_it() -> None:
    legs = cq.Workplane().rect(140, 90, forConstruction=True).vertices().rect(20, 20).extrude(-30)
    table = cq.Workplane().box(160, 110, 10, (True, True, False)).union(legs)

    (channel,) = found(table)

    assert (figures(channel)["type"], figures(channel)["depth_mm"]) == ("open", 30.0)
    assert figures(channel)["axis"] == [0.0, 0.0, -1.0]


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(block(), id="block"),
        pytest.param(block().cut(cq.Workplane().box(30, 60, 10).translate((30, 0, 10))), id="shoulder"),
        pytest.param(block().faces(">Z").workplane().hole(12, 8), id="flat-bottomed hole"),
        pytest.param(cq.Workplane().circle(10).extrude(9).faces(">Z").circle(6).extrude(9), id="shaft"),
        pytest.param(block().union(cq.Workplane().box(10, 10, 40)), id="boss"),
    ],
)
def test_nothing_sunk_between_walls_is_no_pocket(shape: Any) -> None:
    assert found(shape) == []
