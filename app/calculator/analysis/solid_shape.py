"""Walking through an OCCT shape: its solids, faces and vertices."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS
from OCP.TopTools import TopTools_IndexedMapOfShape

from app.calculator.geometry.mesh_hash import Floats
from app.contract.geometry import FaceCounts

Shape = Any
"""An OCCT shape; OCP has no types."""

PLANE, OTHER = "plane", "other"
_KINDS = {
    GeomAbs_SurfaceType.GeomAbs_Plane: PLANE,
    GeomAbs_SurfaceType.GeomAbs_Cylinder: "cylinder",
    GeomAbs_SurfaceType.GeomAbs_Cone: "cone",
    GeomAbs_SurfaceType.GeomAbs_Sphere: "sphere",
    GeomAbs_SurfaceType.GeomAbs_Torus: "torus",
}


def explore(shape: Shape, kind: Any) -> Iterator[Shape]:  # noqa: ANN401 - an OCP enumeration
    """Every sub-shape of a kind, as often as it is used."""
    explorer = TopExp_Explorer(shape, kind)
    while explorer.More():
        yield explorer.Current()
        explorer.Next()


def solids_of(shape: Shape) -> list[Shape]:
    """All solids, each at its place."""
    return list(explore(shape, TopAbs_ShapeEnum.TopAbs_SOLID))


class Face:
    """A face with its surface looked up once."""

    __slots__ = ("kind", "shape", "surface")

    def __init__(self, shape: Shape) -> None:
        self.shape = TopoDS.Face_s(shape)
        self.surface = BRepAdaptor_Surface(self.shape, False)
        self.kind = _KINDS.get(self.surface.GetType(), OTHER)


def faces_of(solids: list[Shape]) -> list[Face]:
    """All faces of all solids."""
    return [Face(shape) for solid in solids for shape in explore(solid, TopAbs_ShapeEnum.TopAbs_FACE)]


def count_faces(faces: list[Face]) -> FaceCounts:
    """Faces by the kind of surface they lie on."""
    counts: dict[str, int] = {}
    for face in faces:
        counts[face.kind] = counts.get(face.kind, 0) + 1
    return FaceCounts.model_validate(counts)


def vertices_of(solids: list[Shape]) -> Floats:
    """Every vertex once, (n, 3)."""
    found = TopTools_IndexedMapOfShape()
    for solid in solids:
        TopExp.MapShapes_s(solid, TopAbs_ShapeEnum.TopAbs_VERTEX, found)
    places = np.zeros((found.Extent(), 3))
    for index in range(found.Extent()):
        point = BRep_Tool.Pnt_s(TopoDS.Vertex_s(found.FindKey(index + 1)))
        places[index] = point.X(), point.Y(), point.Z()
    return places


def is_closed(solid: Shape) -> bool:
    """Every edge of every shell of the solid is shared by two faces."""
    return all(BRep_Tool.IsClosed_s(shell) for shell in explore(solid, TopAbs_ShapeEnum.TopAbs_SHELL))
