"""STEP through the OCCT reader, which converts every unit to millimetres; each file has its own process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from OCP.IFSelect import IFSelect_ReturnStatus
from OCP.STEPControl import STEPControl_Reader
from OCP.TColStd import TColStd_SequenceOfAsciiString
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer

from app.calculator.errors import CadInvalid, CadUnreadable
from app.calculator.geometry.part import SolidPart
from app.calculator.geometry.units import unit_name
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step_healing import is_sound, trim_healing
from app.calculator.readers.step_syntax import check_syntax, converted_length_unit, declared_solids
from app.contract.geometry import Finding

_BROKEN = Finding(
    code="syntax-errors",
    severity="warning",
    message="Some statements break the rules of STEP and were skipped; the part may be incomplete.",
    fix="Check the figures against the CAD program, or export the part again.",
)


Transfer = Callable[[Path, bool], tuple[Any, Any]]
"""From a path, and whether healing is trimmed, to the reader and the shape of all roots."""


def read_step(path: Path, limits: ReadLimits) -> SolidPart:
    """The shape of all roots of a STEP file with at least one solid."""
    return read_by(_transfer, path, limits)


def read_by(transfer: Transfer, path: Path, limits: ReadLimits) -> SolidPart:
    """The same by another way through OCCT; whichever it is, the faces come in the same order."""
    data = path.read_bytes()
    check_syntax(data, limits)
    declared = declared_solids(data)
    reader, shape = transfer(path, True)
    unit = _unit(reader, data)
    del data
    if not is_sound(reader, shape):
        reader, shape = transfer(path, False)
    solids = _count(shape, TopAbs_ShapeEnum.TopAbs_SOLID)
    if not solids:
        _refuse_without_solid(shape)
    findings = _remarks(shape, solids, declared)
    if reader.StepModel().GlobalCheck(True).NbFails():
        findings = (_BROKEN, *findings)
    return SolidPart(format="step", shape=shape, unit=unit, findings=findings)


def parse(reader: Any, path: Path) -> None:  # noqa: ANN401 - OCP has no types
    """Have a reader take in the text. Raises ``CadUnreadable``."""
    if reader.ReadFile(str(path)) != IFSelect_ReturnStatus.IFSelect_RetDone:
        raise CadUnreadable("the file breaks the rules of STEP text")


def shape_of(reader: Any) -> Any:  # noqa: ANN401 - as above
    """What a reader has transferred. Raises ``CadInvalid`` when that is nothing."""
    shape = reader.OneShape()
    if shape is None or shape.IsNull():
        raise CadInvalid("the file holds no shape")
    return shape


def _transfer(path: Path, trimmed: bool) -> tuple[Any, Any]:  # noqa: FBT001 - as ``Transfer`` says
    reader = STEPControl_Reader()
    parse(reader, path)
    if trimmed:
        trim_healing(reader)
    if not reader.NbRootsForTransfer() or not reader.TransferRoots():
        raise CadInvalid("the file holds no shape")
    return reader, shape_of(reader)


def _unit(reader: Any, data: bytes) -> str:  # noqa: ANN401 - OCP has no types
    lengths, angles, solid_angles = (TColStd_SequenceOfAsciiString() for _ in range(3))
    reader.FileUnits(lengths, angles, solid_angles)
    names = [unit_name(lengths.Value(index).ToCString()) for index in range(1, lengths.Length() + 1)]
    return next((name for name in names if name), None) or converted_length_unit(data) or "mm"


def _count(shape: Any, kind: Any, avoid: Any = TopAbs_ShapeEnum.TopAbs_SHAPE) -> int:  # noqa: ANN401 - as above
    explorer = TopExp_Explorer(shape, kind, avoid)
    count = 0
    while explorer.More():
        count += 1
        explorer.Next()
    return count


def _refuse_without_solid(shape: Any) -> None:  # noqa: ANN401 - as above
    if _count(shape, TopAbs_ShapeEnum.TopAbs_FACE):
        raise CadInvalid("the file holds surfaces but no solid: close and sew them in the CAD program")
    if _count(shape, TopAbs_ShapeEnum.TopAbs_EDGE):
        raise CadInvalid("the file holds only curves")
    raise CadInvalid("the file holds no solid")


def _remarks(shape: Any, solids: int, declared: int) -> tuple[Finding, ...]:  # noqa: ANN401 - as above
    found: list[Finding] = []
    loose = _count(shape, TopAbs_ShapeEnum.TopAbs_FACE, TopAbs_ShapeEnum.TopAbs_SOLID)
    loose += _count(shape, TopAbs_ShapeEnum.TopAbs_EDGE, TopAbs_ShapeEnum.TopAbs_FACE)
    if loose:
        found.append(
            Finding(
                code="loose-geometry",
                severity="info",
                message=f"{loose} surfaces or curves belong to no solid and were left out of every figure.",
                fix="Nothing needs to be done if they are construction geometry.",
                value=loose,
            )
        )
    if solids < declared:
        found.append(
            Finding(
                code="solids-lost",
                severity="warning",
                message=f"The file names {declared} solids, {solids} could be built.",
                fix="Check the part in the CAD program and export it again.",
                value=solids,
                limit=declared,
                unit="solids",
            )
        )
    return tuple(found)
