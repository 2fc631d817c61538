import cadquery as cq
import numpy as np
import pytest

from app.calculator.analysis.samples import BY_AREA, MOST_BODIES, SLOW_SHARE, probes
from app.calculator.geometry.ray_tree import RayTree
from app.calculator.geometry.rays import Rays
from tests.calculator.bodies import box, flipped
from tests.calculator.solids import block, compound
from tests.calculator.surfaces import probes_of, surface_of_mesh

pytestmark = pytest.mark.cad


def test_every_face_is_sampled_however_small() -> None:
    pinhole = cq.Workplane().box(300, 200, 20).faces(">Z").workplane().hole(0.3)

    (probe,) = probes_of(pinhole)

    assert np.unique(probe.samples.faces).tolist() == list(range(7))
    assert np.bincount(probe.samples.faces).min() >= 12


def test_samples_stand_for_all_of_the_area() -> None:
    (probe,) = probes_of(block(40, 30, 20))

    areas = np.bincount(probe.samples.faces, weights=probe.samples.areas_mm2)

    assert sorted(areas.tolist()) == pytest.approx([600, 600, 800, 800, 1200, 1200])


def test_samples_spread_evenly_over_a_face() -> None:
    (probe,) = probes_of(box(100, 100, 100))
    top = probe.samples.points[probe.samples.normals[:, 2] > 0.5][:, :2]

    counts, *_ = np.histogram2d(top[:, 0], top[:, 1], bins=5, range=[[0, 100], [0, 100]])

    assert counts.min() > 0.6 * len(top) / 25


def test_the_same_surface_has_the_same_samples() -> None:
    (one,), (other,) = probes_of(block()), probes_of(block())

    assert (one.samples.points == other.samples.points).all()


def test_bodies_are_looked_at_one_by_one() -> None:
    inner, outer = probes_of(compound(block(5, 5, 5), block(40, 30, 20).moved(cq.Location((-10, -10, -10)))))

    assert len(inner.surface.triangles) == 12
    assert set(outer.samples.faces.tolist()) == set(range(6, 12))
    assert (outer.samples.triangles < 12).all()


def test_very_many_bodies_are_looked_at_together() -> None:
    cubes = [block(1, 1, 1).moved(cq.Location((2 * n, 0, 0))) for n in range(MOST_BODIES + 1)]

    assert len(probes_of(compound(*cubes))) == 1


def test_normals_point_outwards_even_if_the_triangles_do_not() -> None:
    (probe,) = probes_of(flipped(box(20, 12, 8)))

    outwards = ((probe.samples.points - [10, 6, 4]) * probe.samples.normals).sum(axis=1)

    assert outwards.min() > 0


def test_slow_rays_get_fewer_samples() -> None:
    surface = surface_of_mesh(box(20, 12, 8))

    (probe,) = probes(surface, Rays(surface, RayTree))

    assert len(probe.samples) == BY_AREA // SLOW_SHARE


def test_a_place_is_told_in_the_coordinates_of_the_file() -> None:
    (probe,) = probes_of(cq.Workplane().box(2, 2, 2).translate((1000, 0, 0)))

    assert probe.place(np.zeros(3)).model_dump() == pytest.approx({"x": 1000, "y": 0, "z": 0}, abs=1e-4)
