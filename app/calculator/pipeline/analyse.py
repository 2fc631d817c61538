"""A file becomes facts. Runs in a child of its own: it imports the CAD kernel, which may hang or die."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.calculator.analysis.drawing import measure_drawing
from app.calculator.analysis.mesh import measure_mesh
from app.calculator.analysis.solid import measure_solid
from app.calculator.geometry.part import DrawingPart, MeshPart, Part
from app.calculator.pipeline.reading import read
from app.calculator.pipeline.scene import Scene
from app.calculator.pipeline.stages import grow
from app.calculator.readers.base import ReadLimits
from app.contract.geometry import PartFacts


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
    part = read(path, limits)
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
