"""STEP: the analysis in a child of its own, started for it, against OCCT asked directly in a warm process."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from OCP.Message import Message, Message_Gravity

from app.calculator.children.protocol import Ending
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.readers.base import ReadLimits
from app.calculator.service import ANALYSE, PREPARE, limits_of
from scripts.bench_suites.floor_step import properties
from scripts.bench_suites.measure import (
    BenchFailed,
    Candidate,
    Goal,
    Options,
    Report,
    Row,
    Sample,
    compared,
    interleaved,
    timed,
    times,
)
from scripts.bench_suites.processes import cpu_seconds
from scripts.bench_suites.solids import plate_step
from scripts.bench_suites.step_job import figures_of
from scripts.local.venv import ROOT

OURS, WARM, WHOLE = "figures in a child", "figures without a child", "whole analysis in a child"
EXACT, PLAIN = "plain OCP, exact", "plain OCP, default"
PREPARED = "scripts.bench_suites.step_job:prepare"
FIGURES = "scripts.bench_suites.step_job:figures"
DEMO = ROOT / "app" / "files" / "demo"
STEP_SUFFIXES = {".step", ".stp"}
ROUNDS, MORE_ROUNDS = 8, 40
"""A median of few readings says little about parts that take ``SHORT_SECONDS`` at most: more are taken."""
SHORT_SECONDS = 0.05
REST_SECONDS = 0.1
LARGE_BYTES = 20_000_000
METHOD = """
*Figures in a child* is what the peers do, the way the service does it with every file: a child is forked from
the server that holds the CAD kernel, limits are set, the file is checked, read, transferred and measured
(exact box, smallest oriented box, area and volume by adaptive integration, closure, faces by kind), the
answer is written and the child buried; CPU is that of the fork server with its children, so also that of the
next child getting ready. *Figures without a child* is the same work in this process. *Plain OCP, exact* does
in this process, warm: `STEPControl_Reader` read and transfer, `VolumeProperties` and `SurfaceProperties` to
1e-5, and the exact box by `AddOptimal`. *Default* leaves the box out and integrates as OCCT does unasked, up
to one per cent off on threads and trimmed surfaces. *Whole analysis in a child* is what a customer waits for:
the figures, and after them the features, thickness, access and whatever else no peer here looks for.
Everybody rests for a tenth of a second before each turn, as a service between two customers does: no peer
finds its last run in the caches, and the next child is ready.
"""


def run(options: Options) -> Report:
    """Every part in turn."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, children() as (runner, kept):
        for name, path in parts(Path(folder), options):
            ours = {job: isolated(runner, kept, path, job) for job in (FIGURES, ANALYSE)}
            rows += rows_of(name, path, ours, options)
    return Report("step", "STEP analysis", METHOD, rows, options.clock)


def parts(folder: Path, options: Options) -> Iterator[tuple[str, Path]]:
    """Generated parts, the demo parts, and those of the corpus."""
    for name, rows, freeform in (("small", 1, False), ("medium", 4, False), ("large", 10, True)):
        if name == "small" or not options.quick:
            yield f"{name} plate", plate_step(folder / f"{name}.step", rows, freeform=freeform)
    if options.quick:
        return
    for place in (DEMO, options.corpus):
        found = sorted(place.rglob("*")) if place is not None and place.is_dir() else []
        for path in found:
            if path.suffix.lower() in STEP_SUFFIXES and path.stat().st_size < LARGE_BYTES:
                yield path.name, path


def rows_of(name: str, path: Path, ours: Mapping[str, Candidate], options: Options) -> list[Row]:
    """All candidates on one file, unless it is one that cannot be measured."""
    started = time.perf_counter()
    try:
        measured = figures_of(path, ReadLimits())
    except Exception as refusal:  # noqa: BLE001 - a corpus holds all kinds of files
        return [Row(f"{name}: not measured, {type(refusal).__name__}", OURS, None)]
    rounds = MORE_ROUNDS if time.perf_counter() - started < SHORT_SECONDS else ROUNDS
    candidates = {
        OURS: ours[FIGURES],
        WARM: timed(lambda: figures_of(path, ReadLimits())),
        WHOLE: ours[ANALYSE],
        EXACT: timed(partial(properties, path, exact=True)),
        PLAIN: timed(partial(properties, path, exact=False)),
    }
    found = interleaved(candidates, options.rounds_or(rounds), rest_seconds=REST_SECONDS)
    ratio = times(found[OURS], found[EXACT], options.clock)
    verdicts = {OURS: [Goal("≤ {}× plain OCP, exact", 1.25).judge(ratio)]}
    faces = 0 if measured.faces is None else sum(measured.faces.model_dump().values())
    case = f"{name}, {faces} faces, {path.stat().st_size / 1000:.0f} kB"
    return compared(case, found, EXACT, options.clock, verdicts)


@contextmanager
def children() -> Iterator[tuple[asyncio.Runner, Children]]:
    """The real thing: a fork server with the kernel imported, one child at a time."""
    with asyncio.Runner() as runner:
        kept = Children((*PREPARE, PREPARED), most=1, queue=0)
        runner.run(_start(kept))
        try:
            yield runner, kept
        finally:
            runner.run(kept.stop())


async def _start(kept: Children) -> None:
    await kept.start()
    while not kept.is_up:  # noqa: ASYNC110 - it tells whether it is up, not when
        await asyncio.sleep(0.05)


def isolated(runner: asyncio.Runner, kept: Children, path: Path, job: str) -> Candidate:
    """A candidate that measures the file in a child."""
    settings = CalculatorSettings()
    limits = limits_of(settings)
    arguments = {"max_triangles": settings.max_triangles, "max_entities": settings.max_entities}

    async def once() -> None:
        with path.open("rb") as file:
            outcome = await kept.run(job, arguments, limits, file)
        if outcome.ending is not Ending.done:
            raise BenchFailed(f"{path.name} ended as {outcome.ending.value}: {outcome.answer}")

    def run() -> Sample:
        assert kept.server_pid is not None
        runner.run(asyncio.sleep(REST_SECONDS))  # a service listens to its children as it rests
        cpu, wall = cpu_seconds(kept.server_pid), time.perf_counter()
        runner.run(once())
        return Sample(time.perf_counter() - wall, cpu_seconds(kept.server_pid) - cpu)

    return run
