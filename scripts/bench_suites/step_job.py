"""The part of an analysis that peers do too, as a job for a child."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.calculator.analysis.solid import measure_solid
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.contract.geometry import PartFacts


def prepare() -> None:
    """Nothing to do: the fork server has imported this file, and that is all."""


def figures_of(path: Path, limits: ReadLimits) -> PartFacts:
    """Read and measure, nothing else."""
    return list(measure_solid(read_step(path, limits)))[-1]


def figures(
    report: Callable[[dict[str, Any]], None], path: Path, *, max_triangles: int, max_entities: int
) -> dict[str, Any]:
    """The same as the answer of a child."""
    del report
    return figures_of(path, ReadLimits(max_triangles, max_entities)).model_dump(mode="json")
