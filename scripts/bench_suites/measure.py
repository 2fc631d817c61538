"""Candidates measured in turn, their medians, and goals they are held to. Standard library only."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

Clock = Literal["wall", "cpu"]


class BenchFailed(Exception):
    """Something could not be measured; the message is one sentence."""


class Sample(NamedTuple):
    """One run of a candidate, in seconds."""

    wall_seconds: float
    cpu_seconds: float


Candidate = Callable[[], Sample]


@dataclass(frozen=True)
class Options:
    """What was said on the command line, and by which clock goals are judged."""

    rounds: int | None = None
    quick: bool = False
    corpus: Path | None = None
    clock: Clock = "wall"

    def rounds_or(self, usual: int) -> int:
        """The rounds asked for, or the usual ones; two when it only has to be quick."""
        return self.rounds or (2 if self.quick else usual)


@dataclass(frozen=True)
class Figures:
    """Median wall time and mean CPU time of a candidate, in seconds.

    CPU time is a mean because the kernel counts that of other processes in steps of ten milliseconds:
    single readings are coarse, their sum is not.
    """

    wall_seconds: float
    cpu_seconds: float
    runs: int

    @classmethod
    def of(cls, samples: list[Sample]) -> "Figures":
        """The figures of these samples."""
        return cls(
            statistics.median(sample.wall_seconds for sample in samples),
            statistics.fmean(sample.cpu_seconds for sample in samples),
            len(samples),
        )

    def by(self, clock: Clock) -> float:
        """Seconds by this clock."""
        return self.wall_seconds if clock == "wall" else self.cpu_seconds


def interleaved(
    candidates: Mapping[str, Candidate], rounds: int, *, warm_up: int = 1, rest_seconds: float = 0.0
) -> dict[str, Figures]:
    """Every candidate ``rounds`` times in turn (A B C A B C ...), after ``warm_up`` rounds that do not count.

    Whatever else the machine does meets all of them alike; so does the rest before each of them.
    """
    taken: dict[str, list[Sample]] = {name: [] for name in candidates}
    for turn in range(-warm_up, rounds):
        for name, run in candidates.items():
            time.sleep(rest_seconds)  # noqa: TID251 - a script of its own, there is no loop to block
            sample = run()
            if turn >= 0:
                taken[name].append(sample)
    return {name: Figures.of(found) for name, found in taken.items()}


def timed(work: Callable[[], object], times: int = 1) -> Candidate:
    """A candidate that does the work in this process; per call when it is called several ``times``."""

    def run() -> Sample:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            work()
        return Sample((time.perf_counter() - wall) / times, (time.process_time() - cpu) / times)

    return run


@dataclass(frozen=True)
class Verdict:
    """A goal, the figure it was held against, and whether it is met."""

    text: str
    is_met: bool


@dataclass(frozen=True)
class Goal:
    """A bound on a figure; ``text`` names it, with the bound where ``{}`` stands: ``≤ {}× the floor``."""

    text: str
    bound: float
    at_least: bool = False

    def judge(self, figure: float) -> Verdict:
        """Whether the figure keeps the bound."""
        is_met = figure >= self.bound if self.at_least else figure <= self.bound
        word = "met" if is_met else "NOT MET"
        return Verdict(f"{self.text.format(f'{self.bound:g}')}: {figure:.3g}, {word}", is_met)


@dataclass(frozen=True)
class Row:
    """One candidate in one case; ``relative`` compares it in words, ``memory`` tells what it took."""

    case: str
    candidate: str
    figures: Figures | None
    relative: str = ""
    memory: str = ""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a suite found; ``method`` is a paragraph or several."""

    suite: str
    title: str
    method: str
    rows: list[Row]
    clock: Clock

    @property
    def missed(self) -> list[Row]:
        """Rows with a goal that is not met."""
        return [row for row in self.rows if not all(verdict.is_met for verdict in row.verdicts)]


def times(figures: Figures, reference: Figures, clock: Clock) -> float:
    """How many times the reference's time this took."""
    return figures.by(clock) / max(reference.by(clock), 1e-9)


def compared(
    case: str,
    found: Mapping[str, Figures],
    reference: str,
    clock: Clock,
    verdicts: Mapping[str, list[Verdict]],
) -> list[Row]:
    """A row for every candidate, each as a multiple of the reference; ``verdicts`` by candidate."""
    return [
        Row(
            case,
            name,
            figures,
            relative=f"{times(figures, found[reference], clock):.2f}× {reference}",
            verdicts=tuple(verdicts.get(name, ())),
        )
        for name, figures in found.items()
    ]
