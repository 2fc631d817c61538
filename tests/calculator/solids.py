"""Solids with known answers, as STEP files."""

from pathlib import Path
from typing import Any

import cadquery as cq
from OCP.Interface import Interface_Static
from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer


def write_step(shape: Any, path: Path, unit: str = "MM") -> Path:
    """Write a cadquery shape; ``unit`` is what the file is written in, the part keeps its size."""
    writer = STEPControl_Writer()
    Interface_Static.SetCVal_s("write.step.unit", unit)
    try:
        writer.Transfer(shape.wrapped, STEPControl_StepModelType.STEPControl_AsIs)
    finally:
        Interface_Static.SetCVal_s("write.step.unit", "MM")
    writer.Write(str(path))
    return path


def block(x: float = 40, y: float = 30, z: float = 20) -> Any:
    return cq.Workplane().box(x, y, z, centered=False).val()


def block_with_hole() -> Any:
    """40 x 30 x 20 with a through hole of 8."""
    return cq.Workplane().box(40, 30, 20).faces(">Z").workplane().hole(8).val()


def compound(*shapes: Any) -> Any:
    return cq.Compound.makeCompound(list(shapes))
