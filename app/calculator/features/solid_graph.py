"""The faces of a boundary representation and the edges between them.

The id of a face is its position when the solids are walked in the order of the file and, within each
solid, its faces in the order of ``TopExp_Explorer``. The same file gives the same ids, always.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import atan2

import numpy as np
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepGProp import BRepGProp
from OCP.BRepTools import BRepTools
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Pnt, gp_Vec
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS
from OCP.TopTools import TopTools_IndexedMapOfShape

from app.calculator.features.fit import fitted_surface
from app.calculator.features.graph import Face, Graph, Link
from app.calculator.features.normals import normals_at
from app.calculator.features.surfaces import Floats, Shape, analytic_surface

_STEPS_OF_LENGTH = 8
_LEAST_TANGENT = 1e-12
_STRAIGHT = 1e-5
"""A free-form curve that leaves its chord by less than this share of its length is a line."""
_FREE_FORM = {
    GeomAbs_CurveType.GeomAbs_BSplineCurve,
    GeomAbs_CurveType.GeomAbs_BezierCurve,
    GeomAbs_CurveType.GeomAbs_OtherCurve,
}


class SolidFace(Face):
    """A face of an OCCT shape; area and centre are integrated when first asked for."""

    __slots__ = ("_area", "_centre", "shape")

    def __init__(self, number: int, solid: int, shape: Shape) -> None:
        super().__init__(number, solid, analytic_surface(shape) or fitted_surface(shape))
        self.shape = shape
        self._area: float | None = None
        self._centre: Floats | None = None

    @property
    def area_mm2(self) -> float:
        """Area within the face's own borders."""
        if self._area is None:
            self._integrate()
        assert self._area is not None
        return self._area

    @property
    def centre(self) -> Floats:
        """Centre of the area, in millimetres."""
        if self._centre is None:
            self._integrate()
        assert self._centre is not None
        return self._centre

    def _integrate(self) -> None:
        properties = GProp_GProps()
        BRepGProp.SurfaceProperties_s(self.shape, properties)
        centre = properties.CentreOfMass()
        self._area = float(properties.Mass())
        self._centre = np.array([centre.X(), centre.Y(), centre.Z()])


@dataclass(slots=True)
class _Border:
    """An edge as its first face met it, until the second one is found."""

    face: SolidFace
    curve: BRepAdaptor_Curve
    forward: float


class SolidGraph(Graph):
    """Every face of every solid of an OCCT shape, linked by edges."""

    def __init__(self, shape: Shape) -> None:
        self.solids = list(_explore(shape, TopAbs_ShapeEnum.TopAbs_SOLID))
        self.faces: list[Face] = []
        self._edges = [TopTools_IndexedMapOfShape() for _ in self.solids]
        pairs: list[tuple[_Border, SolidFace, Shape]] = []
        for number, solid in enumerate(self.solids):
            pairs += self._walk(number, solid)
        self.links = _linked(pairs)
        self._link_of: dict[tuple[int, int], Link] = {}
        for link, (_, face, edge) in zip(self.links, pairs, strict=True):
            link.first.links.append(link)
            link.second.links.append(link)
            self._link_of[face.solid, self._edges[face.solid].FindIndex(edge)] = link

    def loops(self, face: Face) -> list[list[Link]]:
        """See ``Graph``."""
        assert isinstance(face, SolidFace)
        outer = BRepTools.OuterWire_s(face.shape)
        edges = self._edges[face.solid]
        found: list[list[Link]] = []
        for wire in _explore(face.shape, TopAbs_ShapeEnum.TopAbs_WIRE):
            keys = [edges.FindIndex(edge) for edge in _explore(wire, TopAbs_ShapeEnum.TopAbs_EDGE)]
            links = [self._link_of[face.solid, key] for key in keys if (face.solid, key) in self._link_of]
            found.insert(0 if wire.IsSame(outer) else len(found), links)
        return found or [[]]

    def volume_mm3(self, solid: int) -> float:
        """Volume of the body with this number."""
        properties = GProp_GProps()
        BRepGProp.VolumeProperties_s(self.solids[solid], properties)
        return float(properties.Mass())

    def _walk(self, number: int, solid: Shape) -> Iterator[tuple[_Border, SolidFace, Shape]]:
        """The faces of a solid; yields every edge when its second face is met."""
        known = self._edges[number]
        waiting: dict[int, _Border] = {}
        for found in _explore(solid, TopAbs_ShapeEnum.TopAbs_FACE):
            face = SolidFace(len(self.faces), number, TopoDS.Face_s(found))
            self.faces.append(face)
            for shape in _explore(face.shape, TopAbs_ShapeEnum.TopAbs_EDGE):
                edge = TopoDS.Edge_s(shape)
                key = known.Add(edge)
                if key not in waiting:
                    if not BRep_Tool.Degenerated_s(edge):
                        reverse = edge.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
                        waiting[key] = _Border(face, BRepAdaptor_Curve(edge), -1.0 if reverse else 1.0)
                elif waiting[key].face is not face:
                    yield waiting.pop(key), face, edge


def _explore(shape: Shape, kind: TopAbs_ShapeEnum) -> Iterator[Shape]:
    explorer = TopExp_Explorer(shape, kind)
    while explorer.More():
        yield explorer.Current()
        explorer.Next()


def _linked(pairs: list[tuple[_Border, SolidFace, Shape]]) -> list[Link]:
    """Links with their angles; the normals of all edges are computed together."""
    middles, tangents = np.zeros((len(pairs), 3)), np.zeros((len(pairs), 3))
    point, along = gp_Pnt(), gp_Vec()
    for row, (border, _, _) in enumerate(pairs):
        curve = border.curve
        curve.D1((curve.FirstParameter() + curve.LastParameter()) / 2, point, along)
        size = max(along.Magnitude(), _LEAST_TANGENT) * border.forward
        middles[row] = point.X(), point.Y(), point.Z()
        tangents[row] = along.X() / size, along.Y() / size, along.Z() / size
    edges = [edge for _, _, edge in pairs]
    one = normals_at([(border.face.surface, border.face.shape) for border, _, _ in pairs], middles, edges)
    two = normals_at([(face.surface, face.shape) for _, face, _ in pairs], middles, edges)
    sines = (np.cross(one, two) * tangents).sum(axis=1)
    cosines = (one * two).sum(axis=1)
    return [
        Link(
            first=border.face,
            second=face,
            angle=atan2(sines[row], cosines[row]),
            middle=middles[row],
            tangent=tangents[row],
            ends=_ends(border.curve),
            straight=_is_straight(border.curve),
            length_mm=_length(border.curve),
        )
        for row, (border, face, _) in enumerate(pairs)
    ]


def _is_straight(curve: BRepAdaptor_Curve) -> bool:
    """A line, or a free-form curve with its inner points on its chord."""
    kind = curve.GetType()
    if kind not in _FREE_FORM:
        return bool(kind == GeomAbs_CurveType.GeomAbs_Line)
    low, high = curve.FirstParameter(), curve.LastParameter()
    first, last = curve.Value(low), curve.Value(high)
    chord = gp_Vec(first, last)
    length = chord.Magnitude()
    if length < _LEAST_TANGENT:
        return False
    places = (curve.Value(low + (high - low) * share) for share in (0.25, 0.5, 0.75))
    return all(
        gp_Vec(first, place).Crossed(chord).Magnitude() / length <= _STRAIGHT * length for place in places
    )


def _ends(curve: BRepAdaptor_Curve) -> tuple[Floats, Floats]:
    first, last = curve.Value(curve.FirstParameter()), curve.Value(curve.LastParameter())
    return np.array([first.X(), first.Y(), first.Z()]), np.array([last.X(), last.Y(), last.Z()])


def _length(curve: BRepAdaptor_Curve) -> float:
    """Exact for lines and circles; a polygon of eight sides for the rest."""
    low, high = curve.FirstParameter(), curve.LastParameter()
    kind = curve.GetType()
    if kind == GeomAbs_CurveType.GeomAbs_Line:
        return float(high - low)
    if kind == GeomAbs_CurveType.GeomAbs_Circle:
        return float(curve.Circle().Radius() * (high - low))
    places = [
        curve.Value(low + (high - low) * step / _STEPS_OF_LENGTH) for step in range(_STEPS_OF_LENGTH + 1)
    ]
    return float(sum(here.Distance(there) for here, there in pairwise(places)))
