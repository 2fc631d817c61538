from math import cos, hypot, pi, radians, tan
from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator.analysis.build_direction import overhangs
from app.calculator.analysis.hull import convex_hull
from app.calculator.analysis.overhang import STEEPEST_DEG, Facets
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.surface import Surface
from app.calculator.geometry.tessellation import tessellate
from app.contract.geometry import Overhang
from tests.calculator.bodies import box, flipped

pytestmark = pytest.mark.cad


def printed(surface: Surface) -> tuple[Overhang, ...]:
    hull = convex_hull(surface.triangles)
    assert hull is not None
    return overhangs(Facets(surface), Rays(surface), hull)


def solid(shape: Any) -> tuple[Overhang, ...]:
    return printed(tessellate(shape.wrapped))


def mesh(triangles: Any) -> tuple[Overhang, ...]:
    nothing = np.zeros(len(triangles), dtype=np.int32)
    return printed(Surface(triangles, (0.0, 0.0, 0.0), nothing, nothing))


def tee() -> Any:
    """A stem of 10 x 20 x 30 with a bar of 70 x 20 x 10 on it: 30 mm of the bar hang over on either side."""
    stem = cq.Solid.makeBox(10, 20, 30, cq.Vector(-5, -10, 0))
    return stem.fuse(cq.Solid.makeBox(70, 20, 10, cq.Vector(-35, -10, 30)))


def test_a_block_that_lies_flat_needs_nothing() -> None:
    (found,) = solid(cq.Solid.makeBox(40, 30, 10))

    assert (found.area_mm2, found.support_volume_mm3) == (0, 0)
    assert (found.contact_mm2, found.height_mm) == pytest.approx((1200, 10))
    assert (found.wall_mm2, found.roof_mm2) == pytest.approx((2 * (40 + 30) * 10, 40 * 30))


def test_a_leaning_face_is_wall_and_roof_by_its_slope() -> None:
    (found, *_) = solid(cq.Workplane("XZ").polyline([(0, 0), (30, 0), (0, 40)]).close().extrude(10).val())

    assert found.wall_mm2 == pytest.approx(2 * 600 + 10 * 40 + 10 * 50 * 40 / 50)
    assert found.roof_mm2 == pytest.approx(10 * 50 * 30 / 50)


def test_a_tee_is_held_up_below_its_arms_and_lies_better_on_its_side() -> None:
    drawn, best = solid(tee())

    assert drawn.up == (0, 0, 1)
    assert (drawn.area_mm2, drawn.support_volume_mm3) == pytest.approx((2 * 30 * 20, 2 * 30 * 20 * 30))
    assert (drawn.contact_mm2, drawn.height_mm) == pytest.approx((200, 40))
    assert np.abs(best.up) == pytest.approx([0, 1, 0])
    assert (best.support_volume_mm3, best.height_mm) == pytest.approx((0, 20))


def test_a_column_ends_on_the_part_below() -> None:
    window = cq.Solid.makeBox(40, 20, 40).cut(cq.Solid.makeBox(20, 20, 20, cq.Vector(10, 0, 10)))

    drawn = solid(window)[0]

    assert (drawn.area_mm2, drawn.support_volume_mm3) == pytest.approx((400, 8000))


def test_below_a_ball_the_support_is_what_the_cap_leaves_free() -> None:
    radius, cap = 10.0, radians(90 - STEEPEST_DEG)
    edge, depth = radius * np.sin(cap), radius * (1 - cos(cap))
    free = pi * edge**2 * depth - pi * depth**2 * (3 * radius - depth) / 3

    (found,) = solid(cq.Solid.makeSphere(radius, angleDegrees1=-90))

    facets = 0.2  # those that cross the limit belong to one side or the other as a whole
    assert found.support_volume_mm3 == pytest.approx(free, rel=facets)
    assert found.area_mm2 == pytest.approx(2 * pi * radius * depth, rel=facets)


@pytest.mark.parametrize(("half_angle_deg", "overhangs_of_its"), [(40, 0), (45, 0), (50, 1)])
def test_a_cone_on_its_tip_hangs_over_when_it_leans_more_than_half_a_right_angle(
    half_angle_deg: float, overhangs_of_its: int
) -> None:
    radius = 10 * tan(radians(half_angle_deg))

    drawn = solid(cq.Solid.makeCone(0, radius, 10))[0]

    mantle_mm2 = pi * radius * hypot(radius, 10)
    below_mm3 = pi * radius**2 * 10 * 2 / 3
    assert drawn.area_mm2 == pytest.approx(overhangs_of_its * mantle_mm2, rel=0.02)
    assert drawn.support_volume_mm3 == pytest.approx(overhangs_of_its * below_mm3, rel=0.02)


def test_a_mesh_that_is_inside_out_is_printed_like_its_right_side() -> None:
    table = np.concatenate((box(30, 30, 5, at=(0, 0, 20)), box(5, 5, 20, at=(12.5, 12.5, 0))))

    found, right = mesh(flipped(table))[0], mesh(table)[0]

    assert found.model_dump(exclude={"up"}) == pytest.approx(right.model_dump(exclude={"up"}))
    assert right.area_mm2 == pytest.approx(900)


def test_support_grows_with_the_cube_of_the_size() -> None:
    large = solid(tee().scale(2))[0]

    assert large.support_volume_mm3 == pytest.approx(8 * 36_000)
    assert large.area_mm2 == pytest.approx(4 * 1200)


def test_the_same_part_is_always_told_the_same() -> None:
    assert solid(tee()) == solid(tee())


def test_the_roof_of_a_cavity_hangs_over() -> None:
    hollow = cq.Solid.makeBox(40, 40, 40).cut(cq.Solid.makeBox(20, 20, 20, cq.Vector(10, 10, 10)))

    assert solid(hollow)[0].support_volume_mm3 == pytest.approx(8000)
