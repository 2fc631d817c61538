from typing import Any

import cadquery as cq
import pytest

from app.calculator.analysis.access import access_of
from app.calculator.analysis.slender import slenderness_of
from app.calculator.analysis.thickness import walls_of
from app.calculator.features import recognise
from app.contract.geometry import Slenderness
from tests.calculator.solids import block, compound
from tests.calculator.surfaces import probes_of

pytestmark = pytest.mark.cad


def measured(part: Any) -> Slenderness | None:
    shape = part.val() if hasattr(part, "val") else part
    return slenderness_of([walls_of(probe) for probe in probes_of(shape)], recognise(shape.wrapped))


def slenderness(part: Any) -> Slenderness:
    found = measured(part)
    assert found is not None
    return found


def on_a_plate(sketch: Any, height: float) -> Any:
    return sketch(cq.Workplane().box(80, 60, 10, (True, True, False)).faces(">Z").workplane()).extrude(height)


def test_of_a_rib() -> None:
    found = slenderness(on_a_plate(lambda top: top.rect(50, 2), 15))

    assert (found.height_mm, found.width_mm, found.ratio) == pytest.approx((15, 2, 7.5), abs=1e-3)
    assert (found.place.y, found.place.z) == pytest.approx((0, 17.5), abs=1e-3)
    assert len(found.face_ids) == 2


def test_of_a_pin_is_by_its_diameter() -> None:
    found = slenderness(on_a_plate(lambda top: top.center(10, 5).circle(2), 24))

    assert found.width_mm == pytest.approx(4, abs=0.15)
    assert found.height_mm == pytest.approx(24, abs=1e-2)


def test_of_a_rib_with_draft() -> None:
    ribbed = cq.Workplane().box(80, 60, 10, (True, True, False)).faces(">Z").workplane()
    ribbed = ribbed.rect(50, 4).extrude(20, taper=3)

    found = slenderness(ribbed)

    assert found.height_mm == pytest.approx(20, abs=0.1)
    assert 1.9 < found.width_mm < 4


def test_of_the_wall_of_an_open_box_is_by_the_depth_inside() -> None:
    opened = cq.Workplane().box(60, 60, 40).faces(">Z").shell(-2)

    found = slenderness(opened)

    assert (found.height_mm, found.width_mm) == pytest.approx((38, 2), abs=1e-2)


def test_a_rib_between_floors_stands_on_the_higher_one() -> None:
    stepped = cq.Workplane().box(80, 60, 10, (True, True, False))
    stepped = stepped.union(cq.Workplane().box(80, 30, 16, (True, False, False)))
    ribbed = stepped.union(cq.Workplane().box(80, 2, 40, (True, True, False)))

    found = slenderness(ribbed)

    assert found.height_mm == pytest.approx(24, abs=1e-2)


def test_the_slenderest_of_several_is_told() -> None:
    ribbed = on_a_plate(lambda top: top.pushPoints([(0, -15), (0, 15)]).rect(50, 5), 20)
    ribbed = ribbed.faces("<Z").workplane().rect(50, 1.5).extrude(9)

    assert slenderness(ribbed).ratio == pytest.approx(6, abs=1e-2)


def test_a_web_between_two_flanges_does_not_end_free() -> None:
    beam = cq.Workplane().box(80, 60, 10).union(cq.Workplane().box(80, 4, 40).translate((0, 0, 25)))
    beam = beam.union(cq.Workplane().box(80, 60, 10).translate((0, 0, 50)))

    found = measured(beam)

    assert found is None or found.width_mm > 4.5


def test_the_wall_of_a_hole_does_not_stand() -> None:
    drilled = cq.Workplane().box(60, 40, 40).faces(">Z").workplane().center(0, 17).hole(4, 30)

    assert measured(drilled) is None


def test_the_wall_beside_a_narrow_window_is_held_by_what_is_next_to_it() -> None:
    windowed = cq.Workplane().box(60, 40, 40).faces(">Z").workplane().center(0, 17.5).rect(3, 3).cutThruAll()

    assert measured(windowed) is None


def test_a_wall_held_at_both_ends_is_half_as_slender_as_its_span() -> None:
    sunk = cq.Workplane().box(100, 60, 80).faces(">Z").workplane().center(0, 25).rect(20, 6).cutBlind(-70)

    found = slenderness(sunk)

    assert found.width_mm == pytest.approx(2, abs=1e-2)
    assert 18 < found.height_mm <= 20


def test_a_wall_that_ends_at_a_hole_does_not_end_free() -> None:
    stepped = cq.Workplane().box(90, 40, 10).union(cq.Workplane().box(20, 40, 60).translate((-35, 0, 35)))
    drilled = stepped.faces("<Z").workplane().hole(24)

    found = measured(drilled)

    assert found is None or found.height_mm > 50


def test_what_lies_flat_before_every_tool_does_not_stand() -> None:
    flanged = cq.Workplane().box(30, 30, 60).union(cq.Workplane().box(160, 160, 6).translate((0, 0, -27)))
    probes = probes_of(flanged)
    access = access_of(probes)

    found = slenderness_of([walls_of(probe) for probe in probes], (), access)

    assert {abs(setup.direction[2]) for setup in access.setups} == {1.0}
    assert found is None or found.width_mm > 20


def test_plates_blocks_and_low_bosses_are_not_slender() -> None:
    assert measured(block(200, 100, 3)) is None
    assert measured(block()) is None
    assert measured(on_a_plate(lambda top: top.circle(10), 8)) is None


def test_a_plate_does_not_stand_on_a_boss_it_carries() -> None:
    carrying = cq.Workplane().box(400, 300, 10).faces(">Z").workplane().center(150, 0).circle(20).extrude(30)

    assert measured(carrying) is None or slenderness(carrying).width_mm > 15


def test_of_a_shaft_is_length_by_diameter() -> None:
    shaft = cq.Workplane().circle(6).extrude(90).faces(">Z").workplane().circle(4).extrude(30)

    found = slenderness(shaft)

    assert (found.ratio, found.height_mm, found.width_mm) == pytest.approx((10, 120, 12))


def test_every_body_counts() -> None:
    rib = on_a_plate(lambda top: top.rect(50, 2), 15).val()
    moved = compound(block(), rib.moved(cq.Location((200, 0, 0))))

    assert slenderness(moved).ratio == pytest.approx(7.5, abs=1e-3)


def test_the_same_part_has_the_same_slenderness() -> None:
    one, other = (on_a_plate(lambda top: top.rect(50, 2), 15) for _ in range(2))

    assert slenderness(one) == slenderness(other)
