"""How long both services take until they are ready, and the memory they hold then."""

import itertools
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from scripts.bench_suites.measure import Candidate, Figures, Goal, Options, Report, Row, Sample, interleaved
from scripts.bench_suites.processes import Memory, cpu_seconds, megabytes, memory_of
from scripts.bench_suites.servers import Server, Site, site

CALCULATOR, API, FIRST = "calculator", "API", "API, first start"
GOALS = {CALCULATOR: 4.0, API: 2.0, FIRST: 2.0}
ROUNDS = 5
METHOD = """
From the start of the process until `/health/ready` answers 200, asked every twenty milliseconds. The
calculator is ready when a first child has lived and answered; the API when its database is migrated and its
calculator answers. Python's compiled modules are there from an earlier start. *First start* is the API on
an empty data folder: tables, first administrator, demo parts. CPU is that of the service with its children.
Memory of the whole process tree when ready: resident (pages that processes share are counted in each) and
proportional.
"""


def run(options: Options) -> Report:
    """Every service started again and again."""
    memory: dict[str, Memory] = {}
    with tempfile.TemporaryDirectory() as name:
        bytecode = Path(name) / "bytecode"
        names = itertools.count()

        def place() -> Site:
            return site(folder_in(name, f"place-{next(names)}"), bytecode=bytecode)

        def first() -> AbstractContextManager[Server]:
            return beside(place(), warm).api()

        warm, other = place(), place()
        candidates = {
            CALCULATOR: starting(CALCULATOR, other.calculator, memory),
            API: starting(API, warm.api, memory),
            FIRST: starting(FIRST, first, memory),
        }
        with warm.calculator():
            found = interleaved(candidates, options.rounds_or(ROUNDS))
    rows = [row_of(name, figures, memory[name], options) for name, figures in found.items()]
    return Report("start", "Start-up", METHOD, rows, options.clock)


def row_of(name: str, figures: Figures, memory: Memory, options: Options) -> Row:
    """One service with its goal and its memory."""
    verdict = Goal("ready in ≤ {} s", GOALS[name]).judge(figures.by(options.clock))
    held = f"{megabytes(memory.resident_bytes)} resident, {megabytes(memory.proportional_bytes)} proportional"
    return Row("until ready", name, figures, memory=held, verdicts=(verdict,))


def starting(
    name: str, start: Callable[[], AbstractContextManager[Server]], memory: dict[str, Memory]
) -> Candidate:
    """A candidate that starts the service, looks at it and stops it."""

    def run() -> Sample:
        began = time.perf_counter()
        with start() as server:
            wall, cpu = time.perf_counter() - began, cpu_seconds(server.pid)
            memory[name] = memory_of(server.pid)
        return Sample(wall, cpu)

    return run


def folder_in(parent: str, name: str) -> Path:
    """A folder of its own."""
    folder = Path(parent) / name
    folder.mkdir()
    return folder


def beside(place: Site, running: Site) -> Site:
    """The same place with the calculator that runs elsewhere."""
    names = ("MILLWRIGHT_CALCULATOR__URL", "MILLWRIGHT_CALCULATOR__SECRET")
    borrowed = {name: running.environment[name] for name in names}
    return Site(
        place.folder,
        place.api_port,
        place.calculator_port,
        place.secret,
        {**place.environment, **borrowed},
    )
