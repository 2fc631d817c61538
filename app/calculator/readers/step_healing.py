"""How much of a STEP shape OCCT is asked to heal on the way in: most of the time of reading goes there.

A sound file needs nothing of what is left out here, and the figures of a sound part do not depend on it.
Whether a shape is sound is asked afterwards, which costs a hundredth of healing it.
"""

from typing import Any

from OCP.BRep import BRep_Tool
from OCP.Resource import Resource_DataMapOfAsciiStringAsciiString
from OCP.ShapeAnalysis import ShapeAnalysis_Shell
from OCP.TCollection import TCollection_AsciiString
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer

_LEFT_OUT = (
    "FixSelfIntersectionMode",
    "FixNotchedEdgesMode",
    "FixTailMode",
    "FixIntersectingWiresMode",
    "FixLoopWiresMode",
    "FixSplitFaceMode",
    "FixSmallAreaWireMode",
)
"""Steps of ``ShapeFix_Shape`` for borders that cross themselves and for what is too small to be drawn."""


def trim_healing(reader: Any) -> None:  # noqa: ANN401 - OCP has no types
    """Have the reader leave out what a sound file does not need; before the file is read it would forget."""
    parameters = Resource_DataMapOfAsciiStringAsciiString()
    for name in _LEFT_OUT:
        parameters.Bind(TCollection_AsciiString(f"FixShape.{name}"), TCollection_AsciiString("0"))
    reader.SetShapeFixParameters(parameters)


def is_sound(reader: Any, shape: Any) -> bool:  # noqa: ANN401 - as above
    """Whether full healing would leave the shape as it is.

    The file keeps the rules, and every edge of every shell is used twice, in opposite directions.
    """
    shells = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_SHELL)
    if not shells.More() or reader.StepModel().GlobalCheck(True).NbFails():
        return False
    while shells.More():
        if not BRep_Tool.IsClosed_s(shells.Current()):
            return False
        shells.Next()
    return not ShapeAnalysis_Shell().CheckOrientedShells(shape, True)
