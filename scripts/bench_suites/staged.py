"""What every stage of an analysis takes, in a fresh fork for every file: seconds, and bytes at most."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from app.calculator.analysis.drawing import measure_drawing
from app.calculator.analysis.mesh import measure_mesh
from app.calculator.analysis.solid import measure_solid
from app.calculator.config import CalculatorSettings
from app.calculator.errors import CalculatorError
from app.calculator.geometry.part import DrawingPart, MeshPart, Part
from app.calculator.pipeline.reading import read
from app.calculator.pipeline.scene import Scene
from app.calculator.pipeline.stages import stages_of
from app.calculator.readers.base import ReadLimits
from app.contract.geometry import PartFacts
from scripts.bench_suites.measure import Sample
from scripts.bench_suites.processes import own_pid, peak_bytes, reset_peak

READ, FIGURES, SURFACE, SAMPLES = "reading", "figures", "triangles", "samples and walls"
"""Before the stages: the triangles (of a mesh divided into regions), and what all rays start from."""
MOST_RAY_TRIANGLES = 500_000
PATIENCE_SECONDS = 120.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class Taken:
    """What one step took; ``grown_bytes`` is by how much the peak rose above what was held before."""

    name: str
    sample: Sample
    grown_bytes: int


@dataclass(frozen=True)
class Run:
    """All steps of one file in their order, and the triangles its surface had."""

    steps: tuple[Taken, ...]
    triangles: int = 0


Work = Callable[[Path], Run]


def apart(work: Work, path: Path) -> Run | None:
    """The work in a fork of its own; ``None`` when the file is refused or takes too long."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(theirs, work, path), daemon=True)
    child.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(PATIENCE_SECONDS) else None
    except EOFError:
        return None
    finally:
        child.kill()
        child.join()
        ours.close()


def analysed(path: Path) -> Run:
    """Our analysis, step by step."""
    settings = CalculatorSettings()
    limits = ReadLimits(settings.max_triangles, settings.max_entities)
    taken: list[Taken] = []
    part = _step(taken, READ, lambda: read(path, limits))
    facts = _step(taken, FIGURES, lambda: list(_figures(part))[-1])
    scene, triangles = Scene(part), 0
    if not isinstance(part, DrawingPart):
        triangles = _step(taken, SURFACE, lambda: len(scene.surface.triangles))
        if facts.volume_mm3 is not None and triangles <= MOST_RAY_TRIANGLES:
            _step(taken, SAMPLES, lambda: len(scene.walls))
    for stage in stages_of(part):
        measure, so_far = stage.measure, facts
        added = _step(taken, stage.name, lambda: measure(scene, so_far))  # noqa: B023 - called at once
        facts = facts.model_copy(update=dict(added))
    return Run(tuple(taken), triangles)


def alone(name: str, work: Callable[[Path], object]) -> Work:
    """Something else as a single step of that name."""

    def run(path: Path) -> Run:
        taken: list[Taken] = []
        _step(taken, name, lambda: work(path))
        return Run(tuple(taken))

    return run


def _answer(pipe: Connection, work: Work, path: Path) -> None:
    try:
        pipe.send(work(path))
    except CalculatorError:
        pipe.send(None)
    except Exception:  # noqa: BLE001 - a peer that cannot read the file is no failure of the bench
        pipe.send(None)


def _step(taken: list[Taken], name: str, work: Callable[[], Result]) -> Result:
    held = reset_peak(own_pid())
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    sample = Sample(time.perf_counter() - wall, time.process_time() - cpu)
    taken.append(Taken(name, sample, max(0, peak_bytes(own_pid()) - held)))
    return result


def _figures(part: Part) -> Iterator[PartFacts]:
    if isinstance(part, DrawingPart):
        return measure_drawing(part)
    return measure_mesh(part) if isinstance(part, MeshPart) else measure_solid(part)
