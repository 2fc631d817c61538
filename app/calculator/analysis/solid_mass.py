"""Area and volume of solids by adaptive integration over their surfaces.

Plain Gauss integration of OCCT is up to one per cent off on threads and trimmed surfaces; the adaptive
one reaches the authoring CAD's own figures. An assembly's repeated parts are integrated once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
from OCP.BRepGProp import BRepGProp_Domain, BRepGProp_Face, BRepGProp_Sinert, BRepGProp_Vinert
from OCP.gp import gp_Pnt
from OCP.GProp import GProp_GProps
from OCP.TopLoc import TopLoc_Location
from OCP.TopTools import TopTools_IndexedMapOfShape

from app.calculator.analysis.solid_shape import PLANE, Shape, faces_of, vertices_of
from app.calculator.errors import CadInvalid
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.tolerance import INTEGRATION_RELATIVE


@dataclass(frozen=True)
class Mass:
    """An amount (mm² or mm³) and where its centre lies."""

    amount: float
    centre_mm: Floats


def area_of(solids: list[Shape]) -> Mass:
    """Surface of all solids, inner walls included."""
    return _sum(solids, _surface)


def volume_of(solids: list[Shape]) -> Mass:
    """Volume of all solids; raises ``CadInvalid`` when one of them encloses nothing."""
    return _sum(solids, _volume)


def _surface(shape: Shape) -> GProp_GProps:
    return _integrated(shape, BRepGProp_Sinert)


def _volume(shape: Shape) -> GProp_GProps:
    return _integrated(shape, BRepGProp_Vinert)


def _integrated(solid: Shape, kind: type[BRepGProp_Sinert] | type[BRepGProp_Vinert]) -> GProp_GProps:
    """The sum over all faces, taken about the middle of the solid: far from it digits would cancel.

    On a plane the integrand is a constant, so plain Gauss integration along the borders is as good as the
    adaptive one, which costs ten times as much and is kept for curved faces.
    """
    about = _middle_of(solid)
    total = GProp_GProps(about)
    for face in faces_of([solid]):
        surface, border, found = BRepGProp_Face(), BRepGProp_Domain(face.shape), kind()
        surface.Load(face.shape)
        found.SetLocation(about)
        if face.kind == PLANE:
            found.Perform(surface, border)
        else:
            found.Perform(surface, border, INTEGRATION_RELATIVE)
        total.Add(found)
    return total


def _middle_of(solid: Shape) -> gp_Pnt:
    vertices = vertices_of([solid])
    return gp_Pnt(*vertices.mean(axis=0).tolist()) if len(vertices) else gp_Pnt()


def _sum(solids: list[Shape], measure: Callable[[Shape], GProp_GProps]) -> Mass:
    measured: dict[int, GProp_GProps] = {}
    unplaced = TopTools_IndexedMapOfShape()
    total, moment = 0.0, np.zeros(3)
    for solid in solids:
        bare = solid.Located(TopLoc_Location())
        index = unplaced.Add(bare)
        if index not in measured:
            measured[index] = measure(bare)
        amount = float(measured[index].Mass())
        if not isfinite(amount) or amount <= 0:
            raise CadInvalid("a solid of the file encloses no volume")
        centre = measured[index].CentreOfMass().Transformed(solid.Location().Transformation())
        total += amount
        moment += amount * np.array([centre.X(), centre.Y(), centre.Z()])
    return Mass(total, moment / total)
