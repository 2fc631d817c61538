from math import pi
from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator.analysis.hollow import hollow_space, voids_of_mesh, voids_of_solids
from app.calculator.analysis.hull import convex_hull
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.surface import Surface
from app.calculator.geometry.tessellation import tessellate
from app.contract.geometry import Hollow
from tests.calculator.bodies import box, flipped

pytestmark = pytest.mark.cad


def hollow(shape: Any) -> Hollow:
    surface = tessellate(shape.wrapped)
    hull = convex_hull(surface.triangles)
    assert hull is not None
    voids = voids_of_solids(shape.wrapped, surface.face_of)
    return hollow_space(surface, Rays(surface), voids, 1 - shape.Volume() / hull.volume_mm3)


def hollow_mesh(triangles: Any, bodies: int) -> Hollow:
    nothing = np.zeros(len(triangles), dtype=np.int32)
    surface = Surface(triangles, (100.0, 0.0, 0.0), nothing, nothing)
    return hollow_space(surface, Rays(surface), voids_of_mesh(surface, bodies), 0.5)


def case(wall_mm: float = 3) -> Any:
    """A closed box of 60 x 50 x 40 about the origin."""
    inner = (60 - 2 * wall_mm, 50 - 2 * wall_mm, 40 - 2 * wall_mm)
    low = cq.Vector(*(-size / 2 for size in inner))
    return cq.Solid.makeBox(60, 50, 40, cq.Vector(-30, -25, -20)).cut(cq.Solid.makeBox(*inner, low))


def drill(diameter_mm: float, x: float = 0, y: float = 0, up: float = 1) -> Any:
    return cq.Solid.makeCylinder(diameter_mm / 2, 40, cq.Vector(x, y, 0), cq.Vector(0, 0, up))


def bottle(neck_mm: float) -> Any:
    body = cq.Solid.makeCylinder(20, 60).fuse(cq.Solid.makeCylinder(neck_mm / 2 + 2, 25, cq.Vector(0, 0, 60)))
    inner = cq.Solid.makeCylinder(18, 56, cq.Vector(0, 0, 2))
    return body.cut(inner.fuse(cq.Solid.makeCylinder(neck_mm / 2, 40, cq.Vector(0, 0, 50))))


class TestTrapped:
    def test_a_ball_shut_in_a_box_is_told_with_its_place(self) -> None:
        block = cq.Solid.makeBox(40, 40, 40)
        found = hollow(block.cut(cq.Solid.makeSphere(10, cq.Vector(15, 20, 25), angleDegrees1=-90)))

        assert (found.trapped, found.escape_holes, found.narrow_mm) == (1, 0, None)
        assert found.trapped_volume_mm3 == pytest.approx(4 / 3 * pi * 10**3, rel=1e-6)
        assert found.trapped_place is not None
        place = found.trapped_place
        assert (place.x, place.y, place.z) == pytest.approx((15, 20, 25))

    def test_two_are_counted_and_added_up(self) -> None:
        block = cq.Solid.makeBox(60, 30, 30)
        for x in (5, 35):
            block = block.cut(cq.Solid.makeBox(10, 10, 10, cq.Vector(x, 10, 10)))

        found = hollow(block)

        assert found.trapped == 2
        assert found.trapped_volume_mm3 == pytest.approx(2000)

    def test_the_inner_shell_of_a_mesh_is_one_whichever_way_it_is_wound(self) -> None:
        shut = np.concatenate((box(30, 30, 30), flipped(box(10, 10, 10, at=(5, 10, 10)))))

        found, inside_out = hollow_mesh(shut, 2), hollow_mesh(flipped(shut), 2)

        assert found.trapped == 1
        assert found.trapped_volume_mm3 == pytest.approx(1000)
        assert found.trapped_place is not None
        assert found.trapped_place.x == pytest.approx(110)
        assert found == inside_out

    def test_bodies_side_by_side_shut_nothing_in(self) -> None:
        assert hollow_mesh(np.concatenate((box(9, 9, 9), box(9, 9, 9, at=(20, 0, 0)))), 2).trapped == 0


class TestWaysOut:
    @pytest.mark.parametrize(
        "shape",
        [
            cq.Solid.makeBox(10, 20, 30),
            cq.Solid.makeCylinder(20, 60).cut(cq.Solid.makeCylinder(15, 60)),
            cq.Solid.makeBox(60, 50, 40).cut(cq.Solid.makeBox(40, 30, 30, cq.Vector(10, 10, 10))),
            bottle(10),
            case().cut(drill(3)).cut(drill(8, up=-1)),
        ],
        ids=["block", "tube", "pocket", "bottle", "one way out is wide"],
    )
    def test_where_everything_comes_out_there_is_nothing_to_tell(self, shape: Any) -> None:
        assert hollow(shape) == Hollow(trapped=0, trapped_volume_mm3=0)

    @pytest.mark.parametrize("diameter_mm", [1.5, 3, 4.5])
    def test_one_hole_in_a_closed_box_is_measured(self, diameter_mm: float) -> None:
        found = hollow(case().cut(drill(diameter_mm, x=11.3, y=7.7)))

        assert (found.trapped, found.escape_holes) == (0, 1)
        assert found.narrow_mm == pytest.approx(diameter_mm, rel=0.03)
        assert found.narrow_place is not None
        place = found.narrow_place
        assert (place.x, place.y, place.z) == pytest.approx((11.3, 7.7, 18.5), abs=2)

    def test_two_holes_are_two_ways_out(self) -> None:
        found = hollow(case().cut(drill(3)).cut(drill(2, up=-1)))

        assert found.escape_holes == 2
        assert found.narrow_mm == pytest.approx(3, rel=0.03)

    def test_a_wall_thinner_than_the_grid_holds(self) -> None:
        found = hollow(case(wall_mm=0.3).cut(drill(4, x=3, y=4)))

        assert found.escape_holes == 1
        assert found.narrow_mm == pytest.approx(4, rel=0.05)

    def test_the_neck_of_a_bottle_is_its_way_out(self) -> None:
        found = hollow(bottle(4))

        assert found.escape_holes == 1
        assert found.narrow_mm == pytest.approx(4, rel=0.03)
        assert found.narrow_place is not None
        assert 58 < found.narrow_place.z < 85

    def test_a_slot_is_as_wide_as_powder_sees_it(self) -> None:
        slot = cq.Solid.makeBox(2, 12, 40, cq.Vector(-1, -6, 0))

        assert hollow(case().cut(slot)).narrow_mm == pytest.approx(2, rel=0.03)

    def test_a_hole_too_narrow_for_the_grid_is_narrower_than_a_cell(self) -> None:
        found = hollow(case().cut(drill(0.3)))

        assert (found.trapped, found.escape_holes) == (0, 0)
        assert found.narrow_mm == pytest.approx(60 / 96)

    def test_a_mesh_that_is_inside_out_has_the_same_way_out(self) -> None:
        triangles = tessellate(case().cut(drill(3)).wrapped).triangles

        assert hollow_mesh(flipped(triangles), 1).narrow_mm == pytest.approx(3, rel=0.03)

    def test_turning_the_part_changes_the_width_little(self) -> None:
        part = case().cut(drill(3)).rotate(cq.Vector(), cq.Vector(1, 2, 3), 37)

        assert hollow(part).narrow_mm == pytest.approx(3, rel=0.05)
