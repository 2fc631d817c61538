"""Geometry: what every stage takes over a corpus, against OCP and trimesh, and how stages grow."""

import math
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import trimesh

from app.calculator.pipeline.warm import warm_up
from app.calculator.readers.base import format_of
from scripts.bench_suites.floor_step import properties
from scripts.bench_suites.measure import Clock, Figures, Goal, Options, Report, Row, Sample, times
from scripts.bench_suites.parts import blob_stl, tube_stl
from scripts.bench_suites.processes import megabytes
from scripts.bench_suites.solids import sheet_step
from scripts.bench_suites.staged import FIGURES, READ, Run, Taken, Work, alone, analysed, apart
from scripts.local.venv import ROOT

DEMO = ROOT / "app" / "files" / "demo"
WHOLE, BASIS = "whole analysis", "reading and figures"
ROUNDS = 3
LONGEST_NAME = 30
TRIANGLES = (10_000, 30_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000)
FREE_TRIANGLES = (10_000, 30_000, 100_000, 250_000)
HOLES = (100, 300, 1_000, 3_000)
QUICK = 2
"""So many of the sizes are measured when it only has to be quick."""
TELLING_SECONDS = 0.02
"""A step that takes less at its largest says nothing about growth."""
MOST_OVER_TRIANGLES = 1.2
MOST_OVER_HOLES = 1.5
METHOD = """
Every file is analysed in a fork of its own from a process that has imported everything, as the service does
it; what is told is time and the growth of the peak resident size, step by step. *Triangles* is the
tessellation of a solid, or a mesh set right and divided into smooth regions; *samples and walls* are the
places all rays start from with what lies behind them. Of several files the times are added, and memory is
that of the file that took most. Refused files are left out. *Reading and figures* is what the peers do as
well: *plain OCP, exact* reads a STEP file and gives volume, area and the exact box; *trimesh* loads a mesh
and gives volume, area and whether it is watertight.

*Growth* is the exponent of the best line through the logarithms of times and sizes: 1 is in proportion, 2 is
quadratic. A step that never takes 20 ms is left out. The ring is hollow and lies on two tori; the free form
is a ring with waves that lies on no simple surface; the sheet is of 2 mm with holes in rows. Above 300,000
triangles no features are looked for, above 500,000 no walls are sampled: larger rings show what is left.
There *overhangs* is the first to cast rays and pays for the tree of all triangles, which elsewhere is
part of *samples and walls*: its exponent spans that step and says nothing of its own growth.
"""


def trimesh_figures(path: Path, kind: str) -> object:
    """What a caller of trimesh would ask."""
    mesh: Any = trimesh.load(path, file_type=kind, force="mesh")
    return mesh.volume, mesh.area, mesh.is_watertight


PEERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "step": ("plain OCP, exact", partial(properties, exact=True)),
    **{kind: ("trimesh", partial(trimesh_figures, kind=kind)) for kind in ("stl", "obj", "3mf")},
}


@dataclass(frozen=True)
class Measured:
    """The runs of one file."""

    name: str
    runs: list[Run]

    def steps(self) -> Iterator[tuple[str, list[Taken]]]:
        """Every step with what it took in each run."""
        for taken in zip(*(run.steps for run in self.runs), strict=True):
            yield taken[0].name, list(taken)


def run(options: Options) -> Report:
    """The corpus, then growth."""
    warm_up()
    rows = list(corpus_rows(options))
    with tempfile.TemporaryDirectory() as folder:
        rows += growth_rows(Path(folder), options)
    return Report("geometry", "Geometry, stage by stage", METHOD, rows, options.clock)


def corpus_rows(options: Options) -> Iterator[Row]:
    """One table for each format: the stages, and the peer."""
    rounds = options.rounds_or(ROUNDS)
    for kind, paths in sorted(by_format(options).items()):
        found = [one for path in paths if (one := measured(analysed, path, rounds))]
        if not found:
            continue
        case = f"{kind}, {len(found)} files"
        yield from stage_rows(case, found)
        if kind in PEERS:
            yield from peer_rows(kind, paths, found, options, rounds)


def by_format(options: Options) -> dict[str, list[Path]]:
    """The files that have a reader, by what is in them."""
    found: dict[str, list[Path]] = defaultdict(list)
    for place in (DEMO, options.corpus):
        for path in sorted(place.rglob("*")) if place is not None and place.is_dir() else ():
            kind = kind_of(path) if path.is_file() else None
            if kind is not None:
                found[kind].append(path)
    return found


def kind_of(path: Path) -> str | None:
    """The format the content has."""
    with path.open("rb") as file:
        return format_of(file)


def measured(work: Work, path: Path, rounds: int) -> Measured | None:
    """The file so many times, unless it is refused; the last of an equal number of steps."""
    runs = [run for _ in range(rounds) if (run := apart(work, path)) is not None]
    return Measured(path.name, runs) if len(runs) == rounds else None


def stage_rows(case: str, found: list[Measured]) -> Iterator[Row]:
    """Every step over all files, the whole last."""
    by_step: dict[str, list[tuple[str, list[Taken]]]] = defaultdict(list)
    for one in found:
        for name, taken in one.steps():
            by_step[name].append((one.name, taken))
    whole = added(taken for steps in by_step.values() for _, taken in steps)
    for step, files in by_step.items():
        figures = added(taken for _, taken in files)
        slowest, taken = max(files, key=lambda file: median_wall(file[1]))
        share = figures.wall_seconds / whole.wall_seconds
        worst = f"{1000 * median_wall(taken):.0f} ms {slowest[:LONGEST_NAME]}"
        yield Row(case, step, figures, relative=f"{share:.0%}; most: {worst}", memory=most_memory(files))
    yield Row(case, WHOLE, whole, relative=f"{1000 * whole.wall_seconds / len(found):.0f} ms each")


def peer_rows(
    kind: str, paths: list[Path], found: list[Measured], options: Options, rounds: int
) -> Iterator[Row]:
    """What the peer takes on the files it reads, and we on the same."""
    name, work = PEERS[kind]
    ours = {one.name: one for one in found}
    theirs = [
        peer
        for path in paths
        if path.name in ours and (peer := measured(alone(name, work), path, rounds)) is not None
    ]
    if not theirs:
        return
    rivals = [(one.name, taken) for one in theirs for _, taken in one.steps()]
    same = [
        (name, taken)
        for name in (one.name for one in theirs)
        for step, taken in ours[name].steps()
        if step in {READ, FIGURES}
    ]
    reference = added(taken for _, taken in rivals)
    case = f"{kind}, the {len(theirs)} that both read"
    for who, rows in ((BASIS, same), (name, rivals)):
        figures = added(taken for _, taken in rows)
        ratio = f"{times(figures, reference, options.clock):.2f}× {name}"
        yield Row(case, who, figures, relative=ratio, memory=most_memory(rows))


def growth_rows(folder: Path, options: Options) -> Iterator[Row]:
    """Exponents over triangles and over holes."""
    cases = (
        ("ring", "triangles", TRIANGLES, tube_stl, MOST_OVER_TRIANGLES),
        ("free form", "triangles", FREE_TRIANGLES, blob_stl, MOST_OVER_TRIANGLES),
        ("sheet", "holes", HOLES, sheet_step, MOST_OVER_HOLES),
    )
    rounds = options.rounds_or(ROUNDS)
    for name, counted, sizes, draw, most in cases:
        taken: dict[str, dict[int, list[Taken]]] = defaultdict(dict)
        for size in islice(sizes, QUICK if options.quick else None):
            one = measured(analysed, draw(folder / f"{name} {size}", size), rounds)
            for step, runs in one.steps() if one else ():
                taken[step][size] = runs
            taken[WHOLE][size] = totals(one)
        yield from exponent_rows(f"{name}, {counted}", taken, options.clock, most)


def totals(one: Measured | None) -> list[Taken]:
    """All steps of each run as one."""
    runs = one.runs if one else []
    return [
        Taken(
            WHOLE,
            Sample(
                sum(step.sample.wall_seconds for step in run.steps),
                sum(step.sample.cpu_seconds for step in run.steps),
            ),
            max(step.grown_bytes for step in run.steps),
        )
        for run in runs
    ]


def exponent_rows(
    case: str, taken: Mapping[str, Mapping[int, list[Taken]]], clock: Clock, most: float
) -> Iterator[Row]:
    """The largest size of every step, with its growth up to there."""
    goal = Goal("exponent ≤ {}", most)
    for step, by_size in taken.items():
        seconds = {size: added([runs]).by(clock) for size, runs in by_size.items() if runs}
        telling = {size: value for size, value in seconds.items() if value >= TELLING_SECONDS / 100}
        if not telling or max(seconds.values()) < TELLING_SECONDS or len(telling) < QUICK:
            continue
        exponent = slope(telling)
        largest = max(telling)
        rows = ", ".join(f"{size:,}: {1000 * value:.0f} ms" for size, value in sorted(telling.items()))
        yield Row(
            f"{case} up to {largest:,}",
            step,
            added([by_size[largest]]),
            relative=f"exponent {exponent:.2f} ({rows})",
            memory=most_memory([(str(largest), by_size[largest])]),
            verdicts=(goal.judge(exponent),),
        )


def slope(values: Mapping[int, float]) -> float:
    """Of the best line through the logarithms."""
    sizes, seconds = ([math.log(value) for value in some] for some in (values, values.values()))
    return statistics.linear_regression(sizes, seconds).slope


def added(several: Iterable[list[Taken]]) -> Figures:
    """The sum over files of the median over runs."""
    every = list(several)
    return Figures(
        sum(median_wall(taken) for taken in every),
        sum(statistics.median(one.sample.cpu_seconds for one in taken) for taken in every),
        min((len(taken) for taken in every), default=0),
    )


def median_wall(taken: list[Taken]) -> float:
    """The middle one of several runs."""
    return statistics.median(one.sample.wall_seconds for one in taken)


def most_memory(files: Iterable[tuple[str, list[Taken]]]) -> str:
    """The growth of the file that grew most."""
    return megabytes(max(one.grown_bytes for _, taken in files for one in taken))
