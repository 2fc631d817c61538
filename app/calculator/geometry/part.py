"""What a reader hands on: a triangle mesh or a boundary representation, in millimetres."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.contract.geometry import Finding, PartFormat

Triangles = npt.NDArray[np.float32]
"""Shape (n, 3, 3): triangle, corner, coordinate."""


@dataclass(frozen=True)
class MeshPart:
    """Triangles relative to ``origin_mm``; ``findings`` are the reader's remarks about the file."""

    format: PartFormat
    triangles: Triangles
    origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    findings: tuple[Finding, ...] = ()
    unit: str = "mm"


@dataclass(frozen=True)
class SolidPart:
    """An OCCT shape already converted to millimetres; ``unit`` is what the file was written in."""

    format: PartFormat
    shape: Any
    unit: str
    findings: tuple[Finding, ...] = field(default=())


Part = MeshPart | SolidPart
