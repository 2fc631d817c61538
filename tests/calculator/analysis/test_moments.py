from math import pi
from typing import Any

import cadquery as cq
import numpy as np
import pytest

from app.calculator.analysis.moments import mesh_moments, principal_moments
from app.calculator.analysis.solid_mass import Masses
from app.calculator.analysis.solid_shape import solids_of
from tests.calculator.bodies import box, flipped, turned

BOX_MM5 = [6000 / 12 * (10**2 + 20**2), 6000 / 12 * (10**2 + 30**2), 6000 / 12 * (20**2 + 30**2)]
MIDDLE = np.array([5.0, 10.0, 15.0])


class TestMeshes:
    def test_a_box_has_the_moments_of_the_handbook(self) -> None:
        assert mesh_moments(box(10, 20, 30), MIDDLE, 6000) == pytest.approx(BOX_MM5)

    def test_turning_the_box_or_its_triangles_changes_nothing(self) -> None:
        mesh = turned(box(10, 20, 30), 40, (1, 1, 0))
        middle = mesh.reshape(-1, 3).astype(np.float64).min(axis=0) / 2
        middle += mesh.reshape(-1, 3).max(axis=0) / 2

        assert mesh_moments(mesh, middle, 6000) == pytest.approx(BOX_MM5, rel=1e-5)
        assert mesh_moments(flipped(box(10, 20, 30)), MIDDLE, 6000) == pytest.approx(BOX_MM5)

    def test_twice_the_size_is_thirty_two_times_the_moments(self) -> None:
        assert mesh_moments(box(20, 40, 60), 2 * MIDDLE, 48_000) == pytest.approx(
            [32 * one for one in BOX_MM5]
        )

    def test_triangles_that_enclose_another_volume_have_none(self) -> None:
        twice = np.concatenate((box(10, 20, 30), box(10, 20, 30)))

        assert mesh_moments(twice, MIDDLE, 6000) is None


@pytest.mark.cad
class TestSolids:
    def moments_of(self, shape: Any) -> tuple[float, float, float]:
        return principal_moments(Masses(solids_of(shape.wrapped)).volume().inertia)

    def test_a_turned_cylinder_far_away(self) -> None:
        shaft = cq.Solid.makeCylinder(5, 30).translate(cq.Vector(1000, 5, 7))
        volume = pi * 5**2 * 30

        found = self.moments_of(shaft.rotate(cq.Vector(), cq.Vector(1, 1, 0), 33))

        across = volume * (3 * 5**2 + 30**2) / 12
        assert found == pytest.approx((volume * 5**2 / 2, across, across), rel=1e-5)

    def test_several_bodies_turn_about_their_common_centre(self) -> None:
        place = cq.Location(cq.Vector(50, 0, 0), cq.Vector(1, 0, 0), 40)
        other = cq.Location(cq.Vector(-50, 0, 0), cq.Vector(1, 0, 0), 40)
        body = cq.Solid.makeBox(10, 20, 30, cq.Vector(-5, -10, -15))

        found = self.moments_of(cq.Compound.makeCompound([body.moved(place), body.moved(other)]))

        far = 2 * 6000 * 50**2
        assert found == pytest.approx((2 * BOX_MM5[2], 2 * BOX_MM5[0] + far, 2 * BOX_MM5[1] + far))
