import time
from pathlib import Path

import pytest

from scripts.chaos_suites.verdict import Budget, Options, Outcome, Verdict, closing_line
from tests.scripts.test_commands import run

HERE = Path()


class TestVerdict:
    def test_says_its_counts_in_one_line(self) -> None:
        verdict = Verdict("api-kills", {"kills": 150, "lost": 0})

        assert verdict.line() == "api-kills: 150 kills, 0 lost … PASS"

    def test_one_failure_is_enough(self) -> None:
        verdict = Verdict("fuzz", {"requests": 3})

        verdict.expect(1 + 1 == 2, "arithmetic")
        verdict.expect(1 + 1 == 3, "not this one")
        verdict.fail("not this one")

        assert verdict.line() == "fuzz: 3 requests … FAIL"
        assert verdict.details() == ["  2 × not this one"]

    def test_what_could_not_run_did_not_fail(self) -> None:
        verdict = Verdict("disk-full", skipped="mounting needs root")

        assert verdict.passed
        assert verdict.outcome is Outcome.skipped
        assert verdict.line() == "disk-full: SKIPPED, mounting needs root"

    @pytest.mark.parametrize("counts", [{}, {"files": 0}, {"kills": 0, "orders": 7}])
    def test_what_did_nothing_failed(self, counts: dict[str, int | str]) -> None:
        verdict = Verdict("mutants", counts)

        assert not verdict.passed
        assert verdict.line().endswith("… FAIL")
        assert verdict.details() == ["  nothing was done: more --seconds?"]


class TestClosingLine:
    def test_names_what_failed_and_what_could_not_run(self) -> None:
        outcomes = {"jobs": Outcome.passed, "fuzz": Outcome.passed, "ssrf": Outcome.skipped}

        assert closing_line(outcomes) == "3 suites: 2 passed, 1 skipped (ssrf)"
        assert closing_line({"ssrf": Outcome.skipped}) == "1 suite: 1 skipped (ssrf)"
        assert closing_line({"a": Outcome.failed, "b": Outcome.failed}) == "2 suites: 2 failed (a, b)"


class TestCommand:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["mutants", "--count", "0"], "'0' is no count (1 or more)"),
            (["mutants", "--count", "-3"], "'-3' is no count"),
            (["fuzz", "--seconds=-5"], "'-5' is no time (1 to 604800 seconds)"),
            (["fuzz", "--seconds", "nan"], "'nan' is no time"),
            (["fuzz", "--seconds", "inf"], "'inf' is no time"),
            (["fuzz", "--seed", "dice"], "'dice' is no seed (0 or more)"),
            (["nothing"], "no such suite: nothing (there are api-kills,"),
        ],
    )
    def test_what_would_break_nothing_is_a_wrong_command_line(
        self, arguments: list[str], sentence: str
    ) -> None:
        done = run("scripts/chaos.py", *arguments)

        assert done.returncode == 2
        assert sentence in done.stderr


class TestOptions:
    def test_the_same_seed_rolls_the_same_for_everybody_apart(self) -> None:
        rolls = {
            (seed, name): Options(HERE, seed=seed).dice("customer", name).random()
            for seed in (1, 2)
            for name in (1, 2)
        }

        assert len(set(rolls.values())) == 4
        assert rolls[1, 2] == Options(HERE, seed=1).dice("customer", 2).random()


class TestBudget:
    @pytest.mark.parametrize(
        ("seconds", "count", "spent", "is_left"),
        [(60, None, 10**6, True), (-1, None, 0, False), (60, 3, 2, True), (60, 3, 3, False)],
    )
    def test_ends_with_the_time_or_the_count(
        self, *, seconds: float, count: int | None, spent: int, is_left: bool
    ) -> None:
        assert Budget(time.monotonic() + seconds, count, spent).is_left is is_left
