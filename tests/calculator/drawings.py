"""Drawings with known answers, written as DXF."""

import io
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from ezdxf.filemanagement import new as new_document

from app.calculator.analysis.drawing import measure_drawing
from app.calculator.geometry.part import DrawingPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.dxf import read_dxf
from app.contract.geometry import PartFacts

Drawing = Any
"""An ezdxf document; its model space is what is drawn in."""


def dxf(draw: Callable[[Any], object], *, units: int = 4, version: str = "R2010") -> bytes:
    """A DXF file in which ``draw`` drew; ``units`` is ``$INSUNITS`` (4: millimetres)."""
    document = new(units=units, version=version)
    draw(document.modelspace())
    return written(document)


def new(*, units: int = 4, version: str = "R2010") -> Drawing:
    document = new_document(version, setup=["linetypes"], units=units)
    document.header["$INSUNITS"] = units
    return document


def written(document: Drawing) -> bytes:
    text = io.StringIO()
    document.write(text)
    return text.getvalue().encode()


def lines(space: Any, *corners: tuple[float, float], closed: bool = True) -> None:
    """A LINE from every corner to the next."""
    for start, end in pairs(corners, closed=closed):
        space.add_line(start, end)


def pairs(corners: tuple[tuple[float, float], ...], *, closed: bool) -> Iterator[tuple[Any, Any]]:
    yield from pairwise(corners)
    if closed:
        yield corners[-1], corners[0]


def rectangle(x: float, y: float, width: float, height: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def read(folder: Path, content: bytes, limits: ReadLimits | None = None) -> DrawingPart:
    path = folder / "part"
    path.write_bytes(content)
    return read_dxf(path, limits or ReadLimits())


def measured(folder: Path, content: bytes) -> PartFacts:
    *_, last = measure_drawing(read(folder, content))
    assert last.complete
    return last


def codes(facts: PartFacts) -> list[str]:
    return [finding.code for finding in facts.findings]
