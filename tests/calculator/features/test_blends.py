from typing import Any

import cadquery as cq
import pytest

from app.calculator.features import recognise
from app.contract.geometry import Feature

pytestmark = pytest.mark.cad


def found(shape: Any, kind: str) -> list[dict[str, Any]]:
    chosen: list[Feature] = [feature for feature in recognise(shape.val().wrapped) if feature.kind == kind]
    return [feature.__pydantic_extra__ or {} for feature in chosen]


def block() -> Any:
    return cq.Workplane().box(60, 40, 20)


def test_rounded_edges_are_outer_fillets() -> None:
    assert found(block().edges("|Z").fillet(3), "fillet") == 4 * [
        {"radius_mm": 3.0, "convex": True, "length_mm": 20.0}
    ]


def test_a_rounded_corner_of_a_pocket_is_an_inner_fillet() -> None:
    cutter = cq.Workplane().rect(30, 20).extrude(20).edges("|Z").fillet(2)

    fillets = found(block().cut(cutter), "fillet")

    assert [(fillet["radius_mm"], fillet["convex"]) for fillet in fillets] == 4 * [(2.0, False)]


def test_fillets_that_run_into_each_other_are_one() -> None:
    rounded = block().edges("|Z").fillet(5).faces(">Z").edges().fillet(1)

    assert sorted(fillet["radius_mm"] for fillet in found(rounded, "fillet")) == [1.0, 5.0, 5.0, 5.0, 5.0]


def test_a_broken_edge_is_a_chamfer() -> None:
    (chamfer,) = found(block().edges(">Z and >X").chamfer(1), "chamfer")

    assert chamfer == {
        "width_mm": pytest.approx(2**0.5, abs=1e-5),
        "angle_deg": pytest.approx(45),
        "length_mm": 40.0,
    }


def test_the_end_of_a_shaft_has_a_chamfer() -> None:
    (chamfer,) = found(cq.Workplane().circle(10).extrude(30).faces(">Z").edges().chamfer(1), "chamfer")

    assert chamfer["width_mm"] == pytest.approx(2**0.5, abs=1e-5)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(block(), id="block"),
        pytest.param(cq.Workplane().polygon(24, 40).extrude(20), id="faceted column"),
        pytest.param(cq.Workplane().polyline([(0, 0), (30, 0), (0, 30)]).close().extrude(9), id="wedge"),
        pytest.param(block().faces(">Z").workplane().cskHole(4, 8, 90), id="countersink"),
    ],
)
def test_other_slanted_faces_are_no_chamfers(shape: Any) -> None:
    assert found(shape, "chamfer") == []


def test_the_rim_of_a_disc_between_two_softened_corners_is_no_fillet() -> None:
    disc = cq.Workplane().circle(100).extrude(5).cut(cq.Workplane().box(60, 40, 20).translate((100, 0, 0)))
    disc = disc.edges(cq.selectors.BoxSelector((60, -30, -1), (110, 30, 6))).edges("|Z").fillet(6)

    assert {fillet["radius_mm"] for fillet in found(disc, "fillet")} == {6.0}
