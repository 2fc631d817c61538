"""What every child should find ready: libraries imported, their tables filled by one tiny part each."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
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
_HOLES_MM = ((2.0, 2.0, 7.0), (2.0, 7.0, 3.0), (7.0, 2.0, 7.0), (7.0, 7.0, 3.0))
"""Where they are, and how deep: two go through the plate."""


def warm_up() -> tuple[Callable[[], Iterator[object]], ...]:
    """Measure and draw tiny parts; called once in the fork server. Every child measures again as it waits."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)
    number = _tiny_step()

    def measure_solid() -> Iterator[object]:
        return (facts.model_dump(mode="json") for facts in measure(Path(f"/dev/fd/{number}"), ReadLimits()))

    for rehearsal in (measure_solid, _measure_mesh):
        list(rehearsal())
    _draw(Path(f"/dev/fd/{number}"))
    return measure_solid, _measure_mesh


def _measure_mesh() -> Iterator[object]:
    part = MeshPart(format="stl", triangles=_TETRAHEDRON)
    return (facts.model_dump(mode="json") for facts in measure_mesh(part))


def _draw(path: Path) -> None:
    nowhere, most = Path(os.devnull), {"max_triangles": 1000, "max_entities": 1000}
    preview(_say_nothing, path, nowhere, **most, query={"size": SMALLEST_PX})
    model(_say_nothing, path, nowhere, **most, most_bytes=10**6)


def _say_nothing(facts: dict[str, Any]) -> None:
    """Nobody listens."""


def _tiny_step() -> int:
    """A plate with holes and a window in a file without a name; its descriptor stays open for all children.

    Most parts have planes and cylinders, and a first use of either costs a child milliseconds.
    """
    plate = BRepPrimAPI_MakeBox(10.0, 10.0, 5.0).Shape()
    for x, y, depth in _HOLES_MM:
        place = gp_Ax2(gp_Pnt(x, y, -1.0), gp_Dir(0.0, 0.0, 1.0))
        plate = BRepAlgoAPI_Cut(plate, BRepPrimAPI_MakeCylinder(place, 1.0, depth).Shape()).Shape()
    window = BRepPrimAPI_MakeBox(gp_Pnt(4.0, 4.0, -1.0), 2.0, 1.5, 7.0).Shape()
    writer = STEPControl_Writer()
    writer.Transfer(BRepAlgoAPI_Cut(plate, window).Shape(), STEPControl_StepModelType.STEPControl_AsIs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.step"
        writer.Write(str(path))
        return os.open(path, os.O_RDONLY)
