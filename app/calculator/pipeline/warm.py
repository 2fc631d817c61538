"""What every child should find ready: libraries imported, their tables filled by one tiny part each."""

import tempfile
from pathlib import Path

import numpy as np
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.Message import Message, Message_Gravity
from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.geometry.part import MeshPart
from app.calculator.pipeline.analyse import measure
from app.calculator.readers.base import ReadLimits

_CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
_TETRAHEDRON = _CORNERS[[[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]]


def warm_up() -> None:
    """Measure a tetrahedron and a cube; called once in the fork server."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)
    list(measure_mesh(MeshPart(format="stl", triangles=_TETRAHEDRON)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.step"
        writer = STEPControl_Writer()
        writer.Transfer(
            BRepPrimAPI_MakeBox(1.0, 2.0, 3.0).Shape(), STEPControl_StepModelType.STEPControl_AsIs
        )
        writer.Write(str(path))
        list(measure(path, ReadLimits()))
