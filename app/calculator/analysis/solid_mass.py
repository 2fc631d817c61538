"""Area and volume of solids by adaptive integration over their surfaces.

Plain Gauss integration of OCCT is up to one per cent off on threads and trimmed surfaces; the adaptive
one reaches the authoring CAD's own figures. An assembly's repeated parts are integrated once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
from OCP.BRepGProp import BRepGProp
from OCP.GProp import GProp_GProps
from OCP.TopLoc import TopLoc_Location
from OCP.TopTools import TopTools_IndexedMapOfShape

from app.calculator.analysis.mesh_sums import Floats
from app.calculator.analysis.solid_shape import Shape
from app.calculator.errors import CadInvalid
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
    properties = GProp_GProps()
    BRepGProp.SurfaceProperties_s(shape, properties, INTEGRATION_RELATIVE)
    return properties


def _volume(shape: Shape) -> GProp_GProps:
    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, properties, INTEGRATION_RELATIVE, False, False)
    return properties


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
