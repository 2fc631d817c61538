"""Free-form faces against boxes: what lies beyond a face's edges does not count."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeWire
from OCP.BRepLib import BRepLib
from OCP.GCE2d import GCE2d_MakeSegment
from OCP.Geom import Geom_Plane
from OCP.GeomAPI import GeomAPI_PointsToBSplineSurface
from OCP.gp import gp_Ax3, gp_Pnt, gp_Pnt2d, gp_Trsf, gp_Vec
from OCP.TColgp import TColgp_Array2OfPnt
from OCP.TopLoc import TopLoc_Location

from app.calculator.analysis.solid_reach import stays_within

pytestmark = pytest.mark.cad

Height = Callable[[float, float], float]
CORNER = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))


def surface(height: Height) -> Any:
    """A cubic surface over a square of 10 mm."""
    points = TColgp_Array2OfPnt(1, 7, 1, 7)
    for row, x in enumerate(np.linspace(0, 10, 7).tolist(), 1):
        for column, y in enumerate(np.linspace(0, 10, 7).tolist(), 1):
            points.SetValue(row, column, gp_Pnt(x, y, height(x, y)))
    return GeomAPI_PointsToBSplineSurface(points, 3, 3).Surface()


def triangle(on: Any) -> Any:
    """The face of a surface between three corners of its parameters."""
    u_first, u_last, v_first, v_last = on.Bounds()
    corners = [
        gp_Pnt2d(u_first + u * (u_last - u_first), v_first + v * (v_last - v_first)) for u, v in CORNER
    ]
    wire = BRepBuilderAPI_MakeWire()
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        wire.Add(BRepBuilderAPI_MakeEdge(GCE2d_MakeSegment(start, end).Value(), on).Edge())
    face = BRepBuilderAPI_MakeFace(on, wire.Wire()).Face()
    BRepLib.BuildCurves3d_s(face)
    return face


def whole(on: Any) -> Any:
    return BRepBuilderAPI_MakeFace(on, 1e-6).Face()


def rising(x: float, y: float) -> float:
    """1 on the long side of the triangle, 4 in the corner that it leaves out."""
    return (x + y) ** 2 / 100


def domed(x: float, y: float) -> float:
    """0 along all sides, 1 in the middle."""
    return x * (10 - x) * y * (10 - y) / 625


def within(face: Any, top_mm: float) -> bool:
    return stays_within(face, np.full(3, -0.1), np.array([10.1, 10.1, top_mm]))


def test_a_surface_that_leaves_the_box_beyond_the_edges_of_the_face_does_not_matter() -> None:
    assert within(triangle(surface(rising)), 1.1)
    assert not within(whole(surface(rising)), 1.1)


def test_a_face_that_was_moved_is_looked_at_where_it_is() -> None:
    shift = gp_Trsf()
    shift.SetTranslation(gp_Vec(0, 0, 5))
    moved = triangle(surface(rising)).Moved(TopLoc_Location(shift))

    assert within(moved, 6.1)
    assert not within(moved, 1.1)


def test_edges_that_leave_the_box_are_seen() -> None:
    assert not within(triangle(surface(rising)), 0.9)


def test_a_dome_over_edges_within_the_box_is_seen() -> None:
    assert not within(whole(surface(domed)), 0.9)
    assert within(whole(surface(domed)), 1.2)


def test_other_surfaces_are_left_to_the_kernel() -> None:
    plane = BRepBuilderAPI_MakeFace(Geom_Plane(gp_Ax3()), 0.0, 1.0, 0.0, 1.0, 1e-6).Face()

    assert not stays_within(plane, np.full(3, -9.0), np.full(3, 9.0))
