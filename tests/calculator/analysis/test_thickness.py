from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator.analysis.samples import probes
from app.calculator.analysis.thickness import thickness_of, walls_of
from app.calculator.geometry.ray_tree import RayTree
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.tessellation import tessellate
from app.contract.geometry import Thickness
from tests.calculator.bodies import Mesh, box, flipped, torus
from tests.calculator.solids import block, compound
from tests.calculator.surfaces import probes_of

pytestmark = pytest.mark.cad


def measured(part: Any) -> Thickness | None:
    return thickness_of([walls_of(probe) for probe in probes_of(part)])


def thickness(part: Any) -> Thickness:
    found = measured(part)
    assert found is not None
    return found


def wedge(length: float, height: float) -> Any:
    return cq.Workplane("XZ").polyline([(0, 0), (length, 0), (0, height)]).close().extrude(30)


def test_of_a_plate() -> None:
    plate = thickness(block(200, 100, 3))

    assert (plate.min, plate.p5, plate.median) == pytest.approx((3, 3, 3), abs=1e-3)
    assert plate.thinnest_place is not None
    assert plate.thinnest_place.z == pytest.approx(1.5, abs=1e-3)


def test_of_a_block_by_its_three_sides() -> None:
    """0.23 of the area looks along 40 mm, 0.31 along 30 mm, 0.46 along 20 mm."""
    found = thickness(block(40, 30, 20))

    assert (found.min, found.p5, found.median) == pytest.approx((20, 20, 30), abs=1e-3)


def test_edges_and_corners_of_a_block_are_not_thin() -> None:
    rounded = cq.Workplane().box(40, 30, 20).edges("|Z").fillet(3).faces(">Z").edges().chamfer(1)

    assert thickness(rounded).min == pytest.approx(20, abs=0.05)


def test_of_a_tube() -> None:
    tube = thickness(cq.Workplane().circle(20).circle(18.5).extrude(80))

    assert (tube.p5, tube.median) == pytest.approx((1.5, 1.5), abs=0.1)


def test_of_a_hollow_box() -> None:
    hollow = cq.Workplane().box(60, 40, 30).cut(cq.Workplane().box(56, 36, 26))

    found = thickness(hollow)

    assert (found.min, found.p5, found.median) == pytest.approx((2, 2, 2), abs=1e-3)


def test_of_a_hollow_sphere() -> None:
    shell = cq.Workplane().sphere(30).cut(cq.Workplane().sphere(27))

    found = thickness(shell)

    assert (found.p5, found.median) == pytest.approx((3, 3), abs=0.25)


def test_of_a_ball_is_its_diameter() -> None:
    assert thickness(cq.Workplane().sphere(10)).median == pytest.approx(20, rel=0.01)


def test_of_a_ring_is_that_of_its_tube() -> None:
    assert thickness(torus(30, 5, 120, 60)).p5 == pytest.approx(10, rel=0.02)


def test_a_thin_rib_is_found_and_told_by_its_faces() -> None:
    ribbed = cq.Workplane().box(200, 150, 20).faces(">Z").workplane().rect(60, 0.8).extrude(12)

    found = thickness(ribbed)

    assert found.min == pytest.approx(0.8, abs=1e-3)
    assert found.median == pytest.approx(20, abs=1e-3)
    assert len(found.thinnest_face_ids) == 2
    assert found.thinnest_place is not None
    assert abs(found.thinnest_place.y) < 1e-3
    assert 10 < found.thinnest_place.z < 22


def test_what_is_left_between_a_hole_and_the_side_is_thin() -> None:
    drilled = cq.Workplane().box(60, 40, 20).pushPoints([(26, 0)]).circle(3.5).cutThruAll()

    assert thickness(drilled).min == pytest.approx(0.5, abs=0.06)


def test_walls_that_meet_at_a_wide_angle_are_an_edge() -> None:
    """Its flanks converge by 45 degrees; what it has of walls are its two ends."""
    assert thickness(wedge(40, 40)).min == pytest.approx(30, abs=1e-3)


def test_walls_that_meet_at_a_narrow_angle_are_thin_where_samples_agree() -> None:
    """Along its flanks the thickness falls evenly from 10 mm to the sharp edge."""
    found = thickness(wedge(100, 10))

    assert 0 < found.min < found.p5
    assert found.p5 == pytest.approx(0.05 * 10, rel=0.35)
    assert 3 < found.median < 7


def test_a_body_without_walls_has_no_thickness() -> None:
    """A regular tetrahedron: any two of its sides are seventy degrees apart."""
    a, b, c, d = ([1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1])
    tetrahedron = np.array([[a, b, c], [a, c, d], [a, d, b], [b, d, c]], dtype=np.float32)

    assert measured(tetrahedron) is None


def test_another_body_in_the_way_changes_nothing() -> None:
    touching = compound(block(20, 20, 4), block(20, 20, 50).moved(cq.Location((0, 0, 4))))

    assert thickness(touching).min == pytest.approx(4, abs=1e-3)


def test_a_mesh_that_is_inside_out_is_as_thick() -> None:
    assert thickness(flipped(box(30, 20, 2))).min == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_scales_with_the_part(scale: float) -> None:
    mesh: Mesh = (box(30, 20, 2) * np.float32(scale)).astype(np.float32)

    assert thickness(mesh).p5 == pytest.approx(2 * scale, rel=1e-3)


def test_one_bad_sample_is_not_the_minimum() -> None:
    """A sliver just below the top of a plate, wound like a wall, is seen by hardly any ray."""
    sliver = np.array([[[50, 50, 9.9], [50.0, 50.4, 9.9], [50.4, 50, 9.9]]], dtype=np.float32)

    assert thickness(np.concatenate((box(100, 100, 10), sliver))).min > 9


def test_the_same_part_has_the_same_figures() -> None:
    tube = cq.Workplane().circle(20).circle(18.5).extrude(80)

    assert thickness(tube) == thickness(tube)


def test_is_the_same_where_there_is_no_embree() -> None:
    hollow = tessellate(cq.Workplane().box(60, 40, 30).cut(cq.Workplane().box(56, 36, 26)).val().wrapped)

    found = thickness_of([walls_of(probe) for probe in probes(hollow, Rays(hollow, RayTree))])

    assert found is not None
    assert (found.min, found.p5, found.median) == pytest.approx((2, 2, 2), abs=1e-3)
