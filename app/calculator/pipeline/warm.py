"""What every child should find ready: libraries imported, their tables filled by one tiny part each."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from OCP.BRepPrimAPI import BRepPrimAPI_MakeCylinder
from OCP.Message import Message, Message_Gravity
from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.geometry.part import MeshPart
from app.calculator.pipeline.analyse import measure
from app.calculator.pipeline.pictures import model, preview
from app.calculator.readers.base import ReadLimits
from app.contract.pictures import SMALLEST_PX

_CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
_TETRAHEDRON = _CORNERS[[[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]]


def warm_up() -> tuple[Callable[[], None], ...]:
    """Measure and draw tiny parts; called once in the fork server. Every child measures again as it waits."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)
    number = _tiny_step()

    def measure_solid() -> None:
        for facts in measure(Path(f"/dev/fd/{number}"), ReadLimits()):
            facts.model_dump(mode="json")

    measure_solid()
    _measure_mesh()
    _draw(Path(f"/dev/fd/{number}"))
    return measure_solid, _measure_mesh


def _measure_mesh() -> None:
    for facts in measure_mesh(MeshPart(format="stl", triangles=_TETRAHEDRON)):
        facts.model_dump(mode="json")


def _draw(path: Path) -> None:
    nowhere, most = Path(os.devnull), {"max_triangles": 1000, "max_entities": 1000}
    preview(_say_nothing, path, nowhere, **most, query={"size": SMALLEST_PX})
    model(_say_nothing, path, nowhere, **most, most_bytes=10**6)


def _say_nothing(facts: dict[str, Any]) -> None:
    """Nobody listens."""


def _tiny_step() -> int:
    """A cylinder in a file without a name; its descriptor stays open for all children."""
    writer = STEPControl_Writer()
    writer.Transfer(BRepPrimAPI_MakeCylinder(1.0, 2.0).Shape(), STEPControl_StepModelType.STEPControl_AsIs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.step"
        writer.Write(str(path))
        return os.open(path, os.O_RDONLY)
