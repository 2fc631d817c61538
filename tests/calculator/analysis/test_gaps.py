from typing import Any

import cadquery as cq
import pytest

from app.calculator.analysis.gaps import smallest_gap
from app.calculator.features import recognise
from app.contract.geometry import Gap
from tests.calculator.solids import block, compound
from tests.calculator.surfaces import probes_of

pytestmark = pytest.mark.cad


def measured(part: Any) -> Gap | None:
    shape = part.val() if hasattr(part, "val") else part
    return smallest_gap(probes_of(shape), recognise(shape.wrapped))


def gap(part: Any) -> Gap:
    found = measured(part)
    assert found is not None
    return found


def test_of_a_slot_is_its_width() -> None:
    slotted = cq.Workplane().box(60, 40, 20).faces(">Z").workplane().rect(60, 2.5).cutBlind(-12)

    found = gap(slotted)

    assert found.width_mm == pytest.approx(2.5, abs=1e-3)
    assert found.place.y == pytest.approx(0, abs=1e-3)
    assert -2 < found.place.z < 10
    assert len(found.face_ids) == 2


def test_between_ribs() -> None:
    ribbed = cq.Workplane().box(80, 50, 6).faces(">Z").workplane()
    ribbed = ribbed.pushPoints([(0, -6), (0, 0), (0, 5)]).rect(60, 2).extrude(10)

    assert gap(ribbed).width_mm == pytest.approx(3, abs=1e-3)


def test_of_a_groove_around_a_shaft() -> None:
    shaft = cq.Workplane().circle(10).extrude(60)
    ring = cq.Workplane().circle(12).circle(8).extrude(1.6).translate((0, 0, 30))

    assert gap(shaft.cut(ring)).width_mm == pytest.approx(1.6, abs=1e-3)


def test_a_hole_is_none() -> None:
    assert measured(cq.Workplane().box(40, 30, 20).faces(">Z").workplane().hole(5)) is None


def test_a_hole_of_two_halves_is_none() -> None:
    half = cq.Workplane().moveTo(-2.5, 0).threePointArc((0, 2.5), (2.5, 0)).close().extrude(20)
    halved = cq.Workplane().box(40, 30, 20, (True, True, False)).cut(half).cut(half.mirror("XZ"))

    assert len(halved.faces("%CYLINDER").vals()) == 2
    assert measured(halved) is None


def test_a_block_has_none() -> None:
    assert measured(block()) is None


def test_a_notch_that_closes_has_none() -> None:
    notched = (
        cq.Workplane("XZ")
        .rect(60, 40)
        .extrude(20)
        .cut(cq.Workplane("XZ").polyline([(-2, 21), (2, 21), (0, 0)]).close().extrude(20))
    )

    assert measured(notched) is None


def test_walls_of_different_bodies_make_none() -> None:
    assert measured(compound(block(20, 20, 5), block(20, 20, 5).moved(cq.Location((0, 0, 6))))) is None
