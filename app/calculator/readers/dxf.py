"""DXF: a flat part as lines, in the unit its header names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ezdxf import recover
from ezdxf.filemanagement import readfile
from ezdxf.lldxf.const import DXFError

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable, CalculatorError
from app.calculator.geometry.curves import Stroke
from app.calculator.geometry.part import DrawingPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.dxf_blocks import Passed, Sheet
from app.contract.formats import BINARY_DXF
from app.contract.geometry import Finding

MOST_BYTES = 50 * 2**20
"""Half a million lines: the library takes as long for them as a child may live."""

MOST_KINDS = 20

UNITS = {
    1: ("inch", 25.4),
    2: ("ft", 304.8),
    4: ("mm", 1.0),
    5: ("cm", 10.0),
    6: ("m", 1_000.0),
    8: ("microinch", 25.4e-6),
    9: ("mil", 0.0254),
    10: ("yard", 914.4),
    12: ("nm", 1e-6),
    13: ("um", 1e-3),
    14: ("dm", 100.0),
    21: ("us-survey-ft", 1_200_000 / 3_937),
    22: ("us-survey-inch", 100_000 / 3_937),
}
"""``$INSUNITS`` by its number (AutoCAD DXF reference): the name, and millimetres per unit."""

_INSUNITS_TEXT = re.compile(rb"\$INSUNITS[ \t]*\r?\n[ \t]*70[ \t]*\r?\n[ \t]*(\d{1,3})[ \t]*\r?\n")
_INSUNITS_BINARY = re.compile(rb"\$INSUNITS\x00\x46\x00(..)", re.DOTALL)
_END_TEXT = re.compile(rb"\n[ \t]*0[ \t]*\r?\n[ \t]*EOF\s*\x1a?\s*$")
_END_BYTES = 4096


def read_dxf(path: Path, limits: ReadLimits) -> DrawingPart:
    """The lines of the model space, those of inserted blocks included, in millimetres."""
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        message = f"a drawing of more than {MOST_BYTES // 2**20} MB is too complex"
        raise CadTooComplex(message)
    is_binary = data.startswith(BINARY_DXF)
    if not (
        data.rstrip(b"\x00\x1a \r\n").endswith(b"EOF") if is_binary else _END_TEXT.search(data[-_END_BYTES:])
    ):
        raise CadUnreadable("the file has no end: it was cut")
    stated = UNITS.get(_unit_number(data, is_binary=is_binary))
    unit, scale = stated or ("mm", 1.0)
    del data
    sheet, strokes, repaired = _drawn(path, scale, limits)
    if not strokes:
        raise CadInvalid("the drawing holds no lines that could be cut")
    findings = (*_unit_remarks(stated=stated is not None), *_passed_over(sheet.passed))
    if repaired:
        findings = (_broken(), *findings)
    return DrawingPart("dxf", strokes, unit, stated is not None, findings)


def _unit_number(data: bytes, *, is_binary: bool) -> int:
    """0 where the file names none. The library would say metres for files of the oldest kind."""
    if is_binary:
        found = _INSUNITS_BINARY.search(data)
        return int.from_bytes(found.group(1), "little") if found else 0
    found = _INSUNITS_TEXT.search(data)
    return int(found.group(1)) if found else 0


def _drawn(path: Path, scale: float, limits: ReadLimits) -> tuple[Sheet, tuple[Stroke, ...], bool]:
    """The strokes, and whether the file had to be repaired to be read."""
    try:
        document, repaired = _loaded(path)
        sheet = Sheet(document, scale, limits.max_entities)
        return sheet, tuple(sheet.strokes()), repaired
    except (CalculatorError, MemoryError):
        raise
    except Exception as error:  # whatever the library throws at a broken file
        raise CadUnreadable("the file breaks the rules of DXF") from error


def _loaded(path: Path) -> tuple[Any, bool]:
    try:
        return readfile(path), False
    except (DXFError, ValueError):
        document, _ = recover.readfile(path)
        return document, True


def _unit_remarks(*, stated: bool) -> Iterator[Finding]:
    if not stated:
        yield Finding(
            code="unit-assumed",
            severity="info",
            message="The drawing names no unit; its numbers were taken as millimetres.",
            fix="Nothing needs to be done if the size of the part is right.",
        )


def _broken() -> Finding:
    return Finding(
        code="syntax-errors",
        severity="warning",
        message="The file breaks the rules of DXF and was repaired to be read; the part may be incomplete.",
        fix="Check the figures against the CAD program, or export the part again.",
    )


def _passed_over(passed: Passed) -> Iterator[Finding]:
    """What was drawn and is not cut, so that nothing vanishes silently."""
    nothing = "Nothing needs to be done if the part is cut without it."
    if passed.kinds:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(passed.kinds.items())[:MOST_KINDS])
        yield Finding(
            code="entities-ignored",
            severity="info",
            message=f"Not lines to cut, and left out: {kinds}.",
            fix=nothing,
            value=passed.kinds.total(),
            unit="entities",
        )
    if passed.marks:
        yield Finding(
            code="marks-not-cut",
            severity="info",
            message=f"{passed.marks} dashed or dotted lines were taken as axes, bends or hidden edges.",
            fix="Draw them as continuous lines if they are to be cut.",
            value=passed.marks,
            unit="entities",
        )
    if passed.hidden:
        yield Finding(
            code="hidden-ignored",
            severity="info",
            message=f"{passed.hidden} invisible entities, or entities on layers turned off, were left out.",
            fix=nothing,
            value=passed.hidden,
            unit="entities",
        )
