from math import pi, radians

import numpy as np
import pytest
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace
from OCP.gp import gp_Ax3, gp_Cone, gp_Dir, gp_Pnt

from app.calculator.features.surfaces import Surface, analytic_surface

pytestmark = pytest.mark.cad


def cone_face(low_mm: float, high_mm: float) -> Surface:
    """The piece of a cone of 45 degrees about z, radius 5 at the origin, between two places on its flank."""
    cone = gp_Cone(gp_Ax3(gp_Pnt(0, 0, 0), gp_Dir(0, 0, 1)), radians(45), 5.0)
    surface = analytic_surface(BRepBuilderAPI_MakeFace(cone, 0.0, pi, low_mm, high_mm).Face())
    assert surface is not None
    return surface


class TestACone:
    def test_widens_along_its_axis(self) -> None:
        surface = cone_face(0.0, 2.0**0.5)

        assert [surface.radius_at(along) for along in surface.along_mm] == pytest.approx([5, 6])
        assert surface.convex

    def test_described_by_its_other_half_narrows_along_its_axis(self) -> None:
        surface = cone_face(-12 * 2.0**0.5, -7 * 2.0**0.5)

        assert surface.along_mm == pytest.approx((-12, -7))
        assert [surface.radius_at(along) for along in surface.along_mm] == pytest.approx([7, 2])
        assert np.allclose(surface.first, (-1, 0, 0))
        assert surface.convex
