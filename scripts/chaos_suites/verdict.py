"""What a suite is asked for, and what it says in the end."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

SHOWN_FAILURES = 20
"""How many different failures are told in full."""


class Outcome(StrEnum):
    """What became of a suite."""

    passed = "passed"
    failed = "failed"
    skipped = "skipped"


@dataclass(frozen=True)
class Options:
    """How long, how often, with which dice, and where.

    ``count`` ends a suite early, counted in its own unit (kills, restarts, files, requests).
    """

    folder: Path
    seconds: float = 600.0
    count: int | None = None
    seed: int = 0
    postgres: bool = False

    def dice(self, *names: object) -> random.Random:
        """Random numbers of their own for every suite and client, the same again for the same seed."""
        return random.Random(":".join(map(str, (self.seed, *names))))  # noqa: S311 - reproducible, not secret

    def budget(self) -> "Budget":
        """The time and the count, from now on."""
        return Budget(time.monotonic() + self.seconds, self.count)


@dataclass
class Budget:
    """Used up when the time is over or the count is reached."""

    deadline: float
    count: int | None
    spent: int = 0

    @property
    def is_left(self) -> bool:
        """Whether to go on."""
        return time.monotonic() < self.deadline and (self.count is None or self.spent < self.count)


@dataclass
class Verdict:
    """Counts in the order they were told, and failures by their sentence.

    The first count is how often the suite did what it is there for.
    """

    suite: str
    counts: dict[str, int | str] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    skipped: str | None = None

    @property
    def outcome(self) -> Outcome:
        """A suite that did nothing failed; one that could not run here did not."""
        if self.failures:
            return Outcome.failed
        if self.skipped is not None:
            return Outcome.skipped
        return Outcome.passed if self.did_something else Outcome.failed

    @property
    def passed(self) -> bool:
        """Whether it did not fail."""
        return self.outcome is not Outcome.failed

    @property
    def did_something(self) -> bool:
        """Whether there is anything to judge by."""
        return any(list(self.counts.values())[:1])

    def fail(self, sentence: str) -> None:
        """Something that must not happen did."""
        self.failures[sentence] += 1

    def expect(self, holds: bool, sentence: str) -> None:  # noqa: FBT001 - the condition is the subject
        """Fail with the sentence unless it holds."""
        if not holds:
            self.fail(sentence)

    def line(self) -> str:
        """``api-kills: 150 kills, 0 lost, 0 doubled … PASS``."""
        if self.outcome is Outcome.skipped:
            return f"{self.suite}: SKIPPED, {self.skipped}"
        counts = ", ".join(f"{value} {name}" for name, value in self.counts.items())
        return f"{self.suite}: {counts} … {'PASS' if self.passed else 'FAIL'}"

    def details(self) -> list[str]:
        """One line per note and per kind of failure."""
        failures = [
            f"  {times} × {sentence}" for sentence, times in self.failures.most_common(SHOWN_FAILURES)
        ]
        if self.skipped is None and not self.did_something:
            failures.append("  nothing was done: more --seconds?")
        return [f"  ({note})" for note in self.notes] + failures


def closing_line(outcomes: Mapping[str, Outcome]) -> str:
    """What became of all suites: ``12 suites: 10 passed, 1 failed (jobs), 1 skipped (ssrf)``."""
    parts = []
    for outcome in Outcome:
        names = [name for name, its in outcomes.items() if its is outcome]
        if names:
            named = "" if outcome is Outcome.passed else f" ({', '.join(names)})"
            parts.append(f"{len(names)} {outcome}{named}")
    return f"{len(outcomes)} {'suite' if len(outcomes) == 1 else 'suites'}: {', '.join(parts)}"
