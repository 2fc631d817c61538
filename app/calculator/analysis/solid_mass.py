"""Area and volume of solids by adaptive integration over their surfaces.

Plain Gauss integration of OCCT is up to one per cent off on threads and trimmed surfaces; the adaptive
one reaches the authoring CAD's own figures. An assembly's repeated parts are integrated once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
from OCP.BRepGProp import BRepGProp_Domain, BRepGProp_Face, BRepGProp_Sinert, BRepGProp_Vinert
from OCP.gp import gp_Mat, gp_Pnt, gp_Trsf
from OCP.GProp import GProp_GProps
from OCP.TopLoc import TopLoc_Location
from OCP.TopTools import TopTools_IndexedMapOfShape

from app.calculator.analysis.solid_shape import PLANE, Shape, faces_of, vertices_of
from app.calculator.errors import CadInvalid
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.tolerance import INTEGRATION_RELATIVE

Integral = type[BRepGProp_Sinert] | type[BRepGProp_Vinert]
"""Over the surface, or over the volume it encloses."""


@dataclass(frozen=True)
class Mass:
    """An amount (mm² or mm³), where its centre lies, and its matrix of inertia about the centre.

    ``by_kind`` is what of the amount lies on faces of each kind, which means something for areas only.
    """

    amount: float
    centre_mm: Floats
    inertia: Floats
    by_kind: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Integral:
    properties: GProp_GProps
    by_kind: Mapping[str, float]


class Masses:
    """Solids whose faces are looked up once for both integrals, those of repeated parts once for all."""

    def __init__(self, solids: list[Shape]) -> None:
        unplaced = TopTools_IndexedMapOfShape()
        self._bare: dict[int, _Bare] = {}
        self._placed: list[tuple[int, gp_Trsf]] = []
        for solid in solids:
            bare = solid.Located(TopLoc_Location())
            index = unplaced.Add(bare)
            if index not in self._bare:
                self._bare[index] = _Bare(bare)
            self._placed.append((index, solid.Location().Transformation()))

    def area(self) -> Mass:
        """Surface of all solids, inner walls included."""
        return self._sum(BRepGProp_Sinert)

    def volume(self) -> Mass:
        """Volume of all solids; raises ``CadInvalid`` when one of them encloses nothing."""
        return self._sum(BRepGProp_Vinert)

    def _sum(self, kind: Integral) -> Mass:
        found = {index: bare.integrated(kind) for index, bare in self._bare.items()}
        return _together([_placed(found[index], place) for index, place in self._placed])


class _Bare:
    """A solid without its place, ready to be integrated over."""

    def __init__(self, solid: Shape) -> None:
        self.faces = faces_of([solid])
        self.surfaces = [_loaded(face.shape) for face in self.faces]
        vertices = vertices_of([solid])
        self.middle = gp_Pnt(*vertices.mean(axis=0).tolist()) if len(vertices) else gp_Pnt()

    def integrated(self, kind: Integral) -> _Integral:
        """The sum over all faces, taken about the middle of the solid: far from it digits would cancel.

        On a plane the integrand is a constant, so plain Gauss integration along the borders is as good as the
        adaptive one, which costs ten times as much and is kept for curved faces.
        """
        total = GProp_GProps(self.middle)
        by_kind: dict[str, float] = {}
        for face, surface in zip(self.faces, self.surfaces, strict=True):
            found, border = kind(), BRepGProp_Domain(face.shape)
            found.SetLocation(self.middle)
            if face.kind == PLANE:
                found.Perform(surface, border)
            else:
                found.Perform(surface, border, INTEGRATION_RELATIVE)
            total.Add(found)
            by_kind[face.kind] = by_kind.get(face.kind, 0.0) + float(found.Mass())
        return _Integral(total, by_kind)


def _loaded(face: Shape) -> BRepGProp_Face:
    surface = BRepGProp_Face()
    surface.Load(face)
    return surface


def _placed(integral: _Integral, place: gp_Trsf) -> Mass:
    properties = integral.properties
    amount = float(properties.Mass())
    if not isfinite(amount) or amount <= 0:
        raise CadInvalid("a solid of the file encloses no volume")
    centre = properties.CentreOfMass().Transformed(place)
    turn = _rows(place.HVectorialPart())
    inertia = turn @ _rows(properties.MatrixOfInertia()) @ turn.T
    return Mass(amount, np.array([centre.X(), centre.Y(), centre.Z()]), inertia, integral.by_kind)


def _rows(matrix: gp_Mat) -> Floats:
    return np.array([[matrix.Value(row, column) for column in (1, 2, 3)] for row in (1, 2, 3)])


def _together(masses: list[Mass]) -> Mass:
    """Several masses as one; the inertia is carried to the common centre (Huygens and Steiner)."""
    total = sum(mass.amount for mass in masses)
    centre: Floats = sum((mass.amount * mass.centre_mm for mass in masses), np.zeros(3)) / total
    inertia = np.zeros((3, 3))
    for mass in masses:
        arm = mass.centre_mm - centre
        inertia += mass.inertia + mass.amount * (float(arm @ arm) * np.eye(3) - np.outer(arm, arm))
    return Mass(total, centre, inertia, _kinds_together(masses))


def _kinds_together(masses: Iterable[Mass]) -> Mapping[str, float]:
    sums: dict[str, float] = {}
    for mass in masses:
        for kind, amount in mass.by_kind.items():
            sums[kind] = sums.get(kind, 0.0) + amount
    return sums
