"""Flat faces of many borders get their triangles here: OCCT's time for one grows with the square of them.

The corners are those the neighbours have already been given on the common edges, so nothing gapes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.gp import gp_Pnt
from OCP.Poly import Poly_PolygonOnTriangulation, Poly_Triangle, Poly_Triangulation
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS
from OCP.TopTools import TopTools_IndexedDataMapOfShapeListOfShape, TopTools_IndexedMapOfShape

from app.calculator.geometry.flat_triangles import Indices, triangles_between

Shape = Any
"""An OCCT shape; OCP has no types."""
Corners = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class _Side:
    """An edge of the face: its corners along its curve, in the face's own frame, and their parameters."""

    edge: Shape
    corners: Corners
    parameters: list[float]

    @property
    def reversed(self) -> bool:
        return bool(self.edge.Orientation() == TopAbs_Orientation.TopAbs_REVERSED)


class FlatFaces:
    """Gives triangles to flat faces of a shape whose other faces have theirs."""

    def __init__(self, shape: Shape, deflection_mm: float) -> None:
        self._deflection_mm = deflection_mm
        self._faces_at = TopTools_IndexedDataMapOfShapeListOfShape()
        TopExp.MapShapesAndAncestors_s(
            shape, TopAbs_ShapeEnum.TopAbs_EDGE, TopAbs_ShapeEnum.TopAbs_FACE, self._faces_at
        )

    def divide(self, face: Shape) -> bool:
        """Whether the face has its triangles now; one not flat or not simply bordered is left alone."""
        place = face.Location()
        surface = BRepAdaptor_Surface(TopoDS.Face_s(face.Located(TopLoc_Location())))
        if surface.GetType() != GeomAbs_SurfaceType.GeomAbs_Plane:
            return False
        sides = []
        for edge in _edges(face):
            side = self._side(edge, face, place)
            if side is None:
                return False
            sides.append(side)
        corners, along = _joined(sides)
        lines = [(run[::-1] if side.reversed else run) for side, run in zip(sides, along, strict=True)]
        triangles = triangles_between(
            _flattened(corners, surface.Plane().Position()),
            np.concatenate([np.column_stack((run[:-1], run[1:])) for run in lines]),
        )
        if triangles is None:
            return False
        self._keep(face, _triangulation(corners, triangles), list(zip(sides, along, strict=True)))
        return True

    def _side(self, edge: Shape, face: Shape, place: TopLoc_Location) -> _Side | None:
        """The corners a neighbour has on the edge; a straight edge without one has its two ends."""
        if edge.Orientation() not in {TopAbs_Orientation.TopAbs_FORWARD, TopAbs_Orientation.TopAbs_REVERSED}:
            return None
        for other in self._faces_at.FindFromKey(edge):
            where = TopLoc_Location()
            given = BRep_Tool.Triangulation_s(TopoDS.Face_s(other), where)
            if given is None or other.IsSame(face):
                continue
            polygon = BRep_Tool.PolygonOnTriangulation_s(edge, given, where)
            if polygon is None or not polygon.HasParameters():
                return None
            numbers = range(1, polygon.NbNodes() + 1)
            points = (given.Node(polygon.Node(number)) for number in numbers)
            if not where.IsEqual(place):
                moved = (place.Inverted() * where).Transformation()
                points = (point.Transformed(moved) for point in points)
            return _Side(edge, _places(points), [polygon.Parameter(number) for number in numbers])
        curve = BRepAdaptor_Curve(TopoDS.Edge_s(edge.Located(place.Inverted() * edge.Location())))
        if curve.GetType() != GeomAbs_CurveType.GeomAbs_Line:
            return None
        ends = [curve.FirstParameter(), curve.LastParameter()]
        vertices = (TopExp.FirstVertex_s(edge), TopExp.LastVertex_s(edge))
        back = place.Inverted().Transformation()
        return _Side(edge, _places(BRep_Tool.Pnt_s(vertex).Transformed(back) for vertex in vertices), ends)

    def _keep(self, face: Shape, given: Poly_Triangulation, along: list[tuple[_Side, Any]]) -> None:
        """The face and its edges remember the triangles as OCCT would have them do."""
        builder, place = BRep_Builder(), face.Location()
        given.Deflection(self._deflection_mm)
        builder.UpdateFace(face, given)
        for side, run in along:
            polygon = Poly_PolygonOnTriangulation(len(run), True)
            for number, (node, parameter) in enumerate(zip(run.tolist(), side.parameters, strict=True), 1):
                polygon.SetNode(number, node + 1)
                polygon.SetParameter(number, parameter)
            polygon.Deflection(self._deflection_mm)
            builder.UpdateEdge(side.edge, polygon, given, place)


def _edges(face: Shape) -> Iterator[Shape]:
    """The edges, directed so that the face lies to their left in its own plane."""
    explorer = TopExp_Explorer(face.Oriented(TopAbs_Orientation.TopAbs_FORWARD), TopAbs_ShapeEnum.TopAbs_EDGE)
    while explorer.More():
        yield TopoDS.Edge_s(explorer.Current())
        explorer.Next()


def _joined(sides: list[_Side]) -> tuple[Corners, list[Indices]]:
    """The corners of all sides, those at a common vertex once, and their numbers along every side."""
    vertices, inner = TopTools_IndexedMapOfShape(), []
    ends: dict[int, Corners] = {}
    for side in sides:
        first, last = (
            vertices.Add(end(side.edge)) - 1 for end in (TopExp.FirstVertex_s, TopExp.LastVertex_s)
        )
        ends.setdefault(first, side.corners[0])
        ends.setdefault(last, side.corners[-1])
        inner.append((first, last, side.corners[1:-1]))
    along, count = [], len(ends)
    for first, last, between in inner:
        along.append(np.array([first, *range(count, count + len(between)), last], dtype=np.int64))
        count += len(between)
    return np.concatenate(
        [[ends[number] for number in range(len(ends))], *(some[2] for some in inner)]
    ), along


def _places(points: Iterator[gp_Pnt]) -> Corners:
    return np.array([(point.X(), point.Y(), point.Z()) for point in points])


def _flattened(corners: Corners, frame: Any) -> Corners:  # noqa: ANN401 - OCP has no types
    """Where the corners lie in the plane's two directions."""
    directions = np.array([(d.X(), d.Y(), d.Z()) for d in (frame.XDirection(), frame.YDirection())])
    return np.asarray((corners - corners.mean(axis=0)) @ directions.T)


def _triangulation(corners: Corners, triangles: Any) -> Poly_Triangulation:  # noqa: ANN401 - an array of indices
    given = Poly_Triangulation(len(corners), len(triangles), False)
    for number, place in enumerate(zip(*corners.T.tolist(), strict=True), 1):
        given.SetNode(number, gp_Pnt(*place))
    for number, triangle in enumerate(zip(*(triangles.T + 1).tolist(), strict=True), 1):
        given.SetTriangle(number, Poly_Triangle(*triangle))
    return given
