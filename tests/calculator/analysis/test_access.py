from typing import Any

import cadquery as cq
import pytest

from app.calculator.analysis.access import access_of
from app.contract.geometry import Access
from tests.calculator.bodies import box, torus, turned
from tests.calculator.solids import block, compound
from tests.calculator.surfaces import probes_of

pytestmark = pytest.mark.cad

SIDES = ("<X", ">X", "<Y", ">Y", "<Z", ">Z")


def access(part: Any) -> Access:
    return access_of(probes_of(part))


def directions(found: Access) -> list[tuple[float, ...]]:
    return [tuple(round(part, 3) for part in setup.direction) for setup in found.setups]


def pocketed(*sides: str) -> Any:
    part = cq.Workplane().box(60, 50, 40)
    for side in sides:
        part = part.faces(side).workplane(centerOption="CenterOfMass").rect(20, 12).cutBlind(-6)
    return part


class TestSetups:
    def test_a_block_takes_one_and_one_for_the_side_it_stood_on(self) -> None:
        found = access(block(40, 30, 20))

        assert directions(found) == [(0, 0, 1), (0, 0, -1)]
        assert [setup.area_share for setup in found.setups] == pytest.approx(
            [4000 / 5200, 1200 / 5200], abs=1e-5
        )
        assert [len(setup.face_ids) for setup in found.setups] == [5, 1]
        assert (found.unreached_share, found.unreached_face_ids) == (0, ())

    def test_pockets_from_above_need_no_more(self) -> None:
        assert directions(access(pocketed(">Z"))) == [(0, 0, 1), (0, 0, -1)]

    def test_a_plate_with_through_holes_takes_two(self) -> None:
        plate = cq.Workplane().box(100, 60, 8).faces(">Z").workplane().rarray(20, 20, 4, 2).hole(6)

        assert directions(access(plate)) == [(0, 0, 1), (0, 0, -1)]

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
    def test_a_pocket_needs_its_own_side(self, count: int) -> None:
        found = access(pocketed(*SIDES[:count]))

        assert len(found.setups) == max(2, count)
        assert found.unreached_share == 0

    def test_a_slanting_hole_needs_its_own_axis(self) -> None:
        drill = cq.Workplane().circle(3).extrude(80, both=True).rotate((0, 0, 0), (0, 1, 0), 30)
        blind = drill.intersect(cq.Workplane().box(200, 200, 200).translate((0, 0, 102)))

        found = access(cq.Workplane().box(80, 60, 20).cut(blind))

        assert (0.5, 0, 0.866) in directions(found)

    def test_a_small_hole_in_the_side_is_worth_one(self) -> None:
        drilled = cq.Workplane().box(200, 150, 50).faces(">X").workplane().hole(3, 10)

        assert (1, 0, 0) in directions(access(drilled))

    def test_a_ball_takes_two_halves(self) -> None:
        found = access(cq.Workplane().sphere(20))

        assert [setup.area_share for setup in found.setups] == pytest.approx([0.5, 0.5], abs=0.04)

    def test_a_shaft_takes_two_halves(self) -> None:
        assert len(access(cq.Workplane().circle(10).extrude(100)).setups) == 2

    def test_do_not_depend_on_how_the_part_lies(self) -> None:
        slanting = pocketed("<X", ">X", ">Z").rotate((0, 0, 0), (1, 2, 3), 40)

        found = access(slanting)

        assert len(found.setups) == 3
        assert found.unreached_share == 0

    def test_of_a_mesh_are_found_from_all_around(self) -> None:
        found = access(turned(box(40, 30, 20), 45, (0, 0, 1)))

        assert found.directions_tried >= 26
        assert len(found.setups) == 2

    def test_bodies_do_not_hide_each_other(self) -> None:
        boxed_in = compound(block(10, 10, 10), *(
            block(10, 10, 10).moved(cq.Location(place))
            for place in [(-12, 0, 0), (12, 0, 0), (0, -12, 0), (0, 12, 0), (0, 0, -12), (0, 0, 12)]
        ))  # fmt: skip

        assert len(access(boxed_in).setups) == 2


class TestUnreached:
    def test_nothing_reaches_into_a_closed_cavity(self) -> None:
        hollow = cq.Workplane().box(60, 40, 30).cut(cq.Workplane().box(40, 20, 10))

        found = access(hollow)

        inside, outside = 2 * (800 + 400 + 200), 2 * (2400 + 1800 + 1200)
        assert found.unreached_share == pytest.approx(inside / (inside + outside), abs=1e-4)
        assert len(found.unreached_face_ids) == 6

    def test_no_straight_tool_reaches_under_an_overhang(self) -> None:
        """A dovetail closed at both ends: both flanks and most of the floor are out of sight."""
        dovetail = cq.Workplane("XZ").polyline([(-4, 11), (4, 11), (10, -2), (-10, -2)]).close().extrude(20)

        found = access(cq.Workplane().box(60, 60, 20).cut(dovetail.translate((0, 10, 0))))

        assert len(found.unreached_face_ids) == 3
        assert found.unreached_share > 0.03

    def test_the_hole_of_a_ring_is_reached(self) -> None:
        assert access(torus(30, 10, 80, 40)).unreached_share == 0

    def test_shares_make_up_the_whole(self) -> None:
        found = access(pocketed(">Z", ">X"))

        assert sum(setup.area_share for setup in found.setups) + found.unreached_share == pytest.approx(1)


def test_the_same_part_has_the_same_access() -> None:
    assert access(pocketed(">Z")) == access(pocketed(">Z"))
