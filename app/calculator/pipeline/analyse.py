"""A file becomes facts. Runs in a child of its own: it imports the CAD kernel, which may hang or die."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.calculator.analysis.drawing import measure_drawing
from app.calculator.analysis.mesh import measure_mesh
from app.calculator.analysis.solid import measure_solid
from app.calculator.errors import UnsupportedFile
from app.calculator.geometry.part import DrawingPart, MeshPart, Part
from app.calculator.pipeline.scene import Scene
from app.calculator.pipeline.stages import grow
from app.calculator.readers.base import Reader, ReadLimits, format_of
from app.calculator.readers.dxf import read_dxf
from app.calculator.readers.obj import read_obj
from app.calculator.readers.step import read_step
from app.calculator.readers.stl import read_stl
from app.calculator.readers.threemf import read_threemf
from app.contract.formats import READABLE
from app.contract.geometry import PartFacts

READERS: dict[str, Reader] = {
    "step": read_step,
    "stl": read_stl,
    "obj": read_obj,
    "3mf": read_threemf,
    "dxf": read_dxf,
}


def analyse(
    report: Callable[[dict[str, Any]], None], path: Path, *, max_triangles: int, max_entities: int
) -> dict[str, Any]:
    """The facts of the file as plain data; what is known earlier is reported on the way.

    Raises ``UnsupportedFile``, ``CadUnreadable``, ``CadInvalid`` or ``CadTooComplex``.
    """
    started = time.perf_counter()
    told: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for measured in measure(path, ReadLimits(max_triangles, max_entities)):
        seconds = time.perf_counter() - started
        facts = measured.model_copy(update={"seconds": seconds}).model_dump(mode="json")
        if not measured.complete:
            report({name: value for name, value in facts.items() if name not in told or told[name] != value})
            told = facts
    return facts


def measure(path: Path, limits: ReadLimits) -> Iterator[PartFacts]:
    """Facts that grow: the figures first, then what every stage adds; the last ones are complete."""
    with path.open("rb") as file:
        kind = format_of(file)
    if kind is None:
        message = f"the content is not {READABLE}"
        raise UnsupportedFile(message)
    part: Part = READERS[kind](path, limits)
    figures = None
    for figures in _figures(part):
        if not figures.complete:
            yield figures
    assert figures is not None
    yield from grow(Scene(part), figures)


def _figures(part: Part) -> Iterator[PartFacts]:
    if isinstance(part, DrawingPart):
        return measure_drawing(part)
    return measure_mesh(part) if isinstance(part, MeshPart) else measure_solid(part)
