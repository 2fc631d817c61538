"""What a reader hands on: a triangle mesh or a boundary representation, in millimetres."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.calculator.geometry.curves import Stroke
from app.contract.geometry import Finding, PartFormat

Triangles = npt.NDArray[np.float32]
"""Shape (n, 3, 3): triangle, corner, coordinate."""


@dataclass(frozen=True)
class MeshPart:
    """Triangles relative to ``origin_mm``; ``findings`` are the reader's remarks about the file.

    ``unit`` is what the file was written in, or taken as where it does not state one.
    """

    format: PartFormat
    triangles: Triangles
    origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    findings: tuple[Finding, ...] = ()
    unit: str = "mm"
    unit_stated: bool = False


@dataclass(frozen=True)
class SolidPart:
    """An OCCT shape already converted to millimetres; ``unit`` is what the file was written in."""

    format: PartFormat
    shape: Any
    unit: str
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class DrawingPart:
    """A flat part drawn in lines, in millimetres; ``unit`` is what the file was written in.

    ``unit_stated`` says whether the file names that unit; ``findings`` are the reader's remarks.
    """

    format: PartFormat
    strokes: tuple[Stroke, ...]
    unit: str
    unit_stated: bool
    findings: tuple[Finding, ...] = ()


Part = MeshPart | SolidPart | DrawingPart
