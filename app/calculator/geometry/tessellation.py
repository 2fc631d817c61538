"""A boundary representation becomes triangles, by way of OCCT's own writer: Python cannot see its arrays.

A file without a name takes the triangles; writing it costs a child a limit of its own, see ``RLIMIT_FSIZE``.
"""

import os
from typing import Any

import numpy as np
from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.gp import gp_Trsf, gp_Vec
from OCP.IMeshTools import IMeshTools_MeshAlgoType, IMeshTools_Parameters
from OCP.StlAPI import StlAPI_Writer
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS, TopoDS_Compound

from app.calculator.errors import CadInvalid
from app.calculator.geometry.flat_faces import FlatFaces
from app.calculator.geometry.part import Triangles
from app.calculator.geometry.surface import Surface

DEFLECTION_MM = 0.1
DEFLECTION_RELATIVE = 1e-3
"""Small parts are followed closer: by this share of their diagonal."""
ANGLE_RAD = 0.5
"""Finer angles cost two to twenty times as much and move no figure taken from the triangles."""
MANY_BORDERS = 16
"""OCCT's ways of dividing a face grow with the square of its borders: a minute for 2,700 holes."""
_HEADER_BYTES = 84
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])

Shape = Any
"""An OCCT shape; OCP has no types."""


def tessellate(shape: Shape) -> Surface:
    """The triangles of every solid of the shape, following it to 0.1 mm or a thousandth of its diagonal.

    Raises ``CadInvalid`` when OCCT cannot triangulate it.
    """
    solids, body_of_face, counts = _meshed(shape)
    if not sum(counts):
        raise CadInvalid("the surface of the part cannot be divided into triangles")
    low, high = np.array(_box(solids).Get()).reshape(2, 3)
    middle = (low + high) / 2
    triangles = _written(solids, middle)
    if len(triangles) != sum(counts):
        raise CadInvalid("the surface of the part falls apart into triangles that belong to no face")
    face_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    body_of = np.repeat(np.array(body_of_face, dtype=np.int32), counts)
    x_mm, y_mm, z_mm = middle.tolist()
    return Surface(triangles, (x_mm, y_mm, z_mm), face_of, body_of)


def _meshed(shape: Shape) -> tuple[TopoDS_Compound, list[int], list[int]]:
    """The solids alone, the solid of every face, and how many triangles it got."""
    together, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(together)
    solids = list(_explore(shape, TopAbs_ShapeEnum.TopAbs_SOLID))
    for solid in solids:
        builder.Add(together, solid)
    deflection = min(DEFLECTION_MM, DEFLECTION_RELATIVE * float(np.sqrt(_box(together).SquareExtent())))
    _divide(together, deflection)
    body_of_face, counts, nowhere = [], [], TopLoc_Location()
    for body, solid in enumerate(solids):
        for face in _explore(solid, TopAbs_ShapeEnum.TopAbs_FACE):
            triangulation = BRep_Tool.Triangulation_s(TopoDS.Face_s(face), nowhere)
            body_of_face.append(body)
            counts.append(0 if triangulation is None else triangulation.NbTriangles())
    return together, body_of_face, counts


def _divide(together: TopoDS_Compound, deflection_mm: float) -> None:
    """Faces of few borders first, in Watson's way, which is best in free forms; then the crowded ones.

    Flat ones take over the corners of their neighbours. What remains is divided in Delabella's way, which
    grows slower with the borders; what has triangles already keeps them.
    """
    wanted = IMeshTools_Parameters()
    wanted.Deflection, wanted.Angle = deflection_mm, ANGLE_RAD
    plain, builder, crowded = TopoDS_Compound(), BRep_Builder(), []
    builder.MakeCompound(plain)
    for face in _explore(together, TopAbs_ShapeEnum.TopAbs_FACE):
        if face.NbChildren() > MANY_BORDERS:
            crowded.append(TopoDS.Face_s(face))
        else:
            builder.Add(plain, face)
    BRepMesh_IncrementalMesh(plain, wanted)
    if not crowded:
        return
    flat, nowhere = FlatFaces(together, deflection_mm), TopLoc_Location()
    left = [
        face for face in crowded if BRep_Tool.Triangulation_s(face, nowhere) is None and not flat.divide(face)
    ]
    if left:
        wanted.MeshAlgo = IMeshTools_MeshAlgoType.IMeshTools_MeshAlgoType_Delabella
        BRepMesh_IncrementalMesh(together, wanted)


def _explore(shape: Shape, kind: Any) -> Any:  # noqa: ANN401 - OCP has no types
    explorer = TopExp_Explorer(shape, kind)
    while explorer.More():
        yield explorer.Current()
        explorer.Next()


def _box(shape: Shape) -> Bnd_Box:
    box = Bnd_Box()
    BRepBndLib.Add_s(shape, box, False)
    if box.IsVoid():
        raise CadInvalid("the part has no extent")
    return box


def _written(shape: Shape, middle: np.ndarray[Any, np.dtype[np.float64]]) -> Triangles:
    """What OCCT's STL writer says of the shape moved to the origin, where single precision is enough."""
    back = gp_Trsf()
    back.SetTranslation(gp_Vec(*(-middle).tolist()))
    number = os.memfd_create("surface")
    try:
        writer = StlAPI_Writer()
        writer.ASCIIMode = False
        if not writer.Write(shape.Moved(TopLoc_Location(back)), f"/dev/fd/{number}"):
            raise CadInvalid("the surface of the part cannot be divided into triangles")
        with os.fdopen(os.dup(number), "rb") as file:
            file.seek(_HEADER_BYTES)
            facets = np.fromfile(file, dtype=_FACET)
    finally:
        os.close(number)
    return np.ascontiguousarray(facets["corners"])
