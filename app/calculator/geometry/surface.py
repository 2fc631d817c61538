"""The surface of a part as triangles that know their face: what rays are cast at and pictures made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.part import Triangles

FaceIds = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Surface:
    """Triangles relative to ``origin_mm``, each with the id of its face and the number of its body.

    Face ids are those of the features and findings: for a boundary representation the faces of the solids
    in the order of the file, for a mesh its smooth regions.
    """

    triangles: Triangles
    origin_mm: tuple[float, float, float]
    face_of: FaceIds
    body_of: FaceIds

    @property
    def bodies(self) -> int:
        """How many bodies there are."""
        return int(self.body_of.max()) + 1 if len(self.body_of) else 0
