import re
from pathlib import Path

import pytest

from scripts.bench_suites.machine import clock_for, cpu_model, described
from scripts.bench_suites.measure import (
    Figures,
    Goal,
    Options,
    Report,
    Row,
    Sample,
    Verdict,
    compared,
    interleaved,
    timed,
)
from scripts.bench_suites.report import markdown, seconds, summary
from tests.scripts.test_commands import run


class TestInterleaved:
    def test_candidates_take_turns_and_the_warm_up_does_not_count(self) -> None:
        order: list[str] = []

        def candidate(name: str, cpu_seconds: float) -> Sample:
            order.append(name)
            return Sample(float(len(order)), cpu_seconds)

        found = interleaved({"A": lambda: candidate("A", 1.0), "B": lambda: candidate("B", 2.0)}, 3)

        assert "".join(order) == "ABABABAB"
        assert found["A"] == Figures(wall_seconds=5.0, cpu_seconds=1.0, runs=3)
        assert found["B"] == Figures(wall_seconds=6.0, cpu_seconds=2.0, runs=3)

    def test_wall_time_is_the_median_and_cpu_time_the_mean(self) -> None:
        figures = Figures.of([Sample(1.0, 0.0), Sample(100.0, 0.03), Sample(2.0, 0.0)])

        assert figures.wall_seconds == 2.0
        assert figures.cpu_seconds == pytest.approx(0.01)

    def test_work_that_is_too_short_is_measured_several_times_at_once(self) -> None:
        calls: list[int] = []

        sample = timed(lambda: calls.append(1), 5)()

        assert len(calls) == 5
        assert sample.wall_seconds >= 0


class TestGoal:
    @pytest.mark.parametrize(("figure", "met"), [(4.9, True), (5.0, True), (5.1, False)])
    def test_a_bound_from_above(self, figure: float, met: bool) -> None:  # noqa: FBT001 - a table
        assert Goal("≤ {}× floor", 5).judge(figure).is_met is met

    @pytest.mark.parametrize(("figure", "met"), [(0.49, False), (0.5, True), (2.0, True)])
    def test_a_bound_from_below(self, figure: float, met: bool) -> None:  # noqa: FBT001 - a table
        assert Goal("≥ {}× floor", 0.5, at_least=True).judge(figure).is_met is met

    def test_says_goal_figure_and_verdict(self) -> None:
        assert Goal("≤ {}× floor", 5).judge(7.123).text == "≤ 5× floor: 7.12, NOT MET"


class TestCompared:
    def test_every_candidate_is_a_multiple_of_the_reference_by_the_clock_that_judges(self) -> None:
        found = {"ours": Figures(3.0, 1.0, 2), "floor": Figures(1.0, 2.0, 2)}

        by_wall = compared("case", found, "floor", "wall", {"ours": [Verdict("fine", is_met=True)]})
        by_cpu = compared("case", found, "floor", "cpu", {})

        assert [row.relative for row in by_wall] == ["3.00× floor", "1.00× floor"]
        assert [row.relative for row in by_cpu] == ["0.50× floor", "1.00× floor"]
        assert by_wall[0].verdicts == (Verdict("fine", is_met=True),)


def report(*rows: Row) -> Report:
    return Report("demo", "A title", "How it was done.", list(rows), "wall")


class TestMarkdown:
    def test_a_page_holds_method_machine_table_and_summary(self) -> None:
        good = Goal("≤ {} s", 2).judge(1)
        row = Row("a|b", "ours", Figures(0.0012, 0.0000015, 3), "1.2× floor", "3 MB", (good, good))

        page = markdown(report(row), ["2 cores"])

        assert page.startswith("# A title\n\nHow it was done.\n\n- 2 cores\n")
        cells = r"| a\|b | ours | 1.2 ms | 1.5 µs | 1.2× floor | 3 MB | ≤ 2 s: 1, met<br>≤ 2 s: 1, met |"
        assert cells in page.splitlines()
        assert page.rstrip().endswith("Goals met: 2 of 2.")

    def test_missed_goals_are_named(self) -> None:
        missed = Row("read", "ours", None, verdicts=(Goal("≤ {}", 1).judge(2),))

        assert summary(report(missed)) == "Goals met: 0 of 1; missed: read, ours."

    def test_without_goals_it_says_so(self) -> None:
        assert summary(report(Row("read", "ours", None))) == "No goals are set here."

    @pytest.mark.parametrize(
        ("amount", "text"), [(0.00000123, "1.23 µs"), (0.0456, "45.6 ms"), (2.5, "2.5 s")]
    )
    def test_times_have_their_unit(self, amount: float, text: str) -> None:
        assert seconds(amount) == text


class TestMachine:
    def test_a_busy_machine_is_judged_by_cpu_time(self) -> None:
        assert (clock_for(0.1), clock_for(3.0)) == ("wall", "cpu")

    def test_names_its_processor(self, tmp_path: Path) -> None:
        info = tmp_path / "cpuinfo"
        info.write_text("processor\t: 0\nmodel name\t: A Fast One\n")

        assert cpu_model(info) == "A Fast One"

    def test_states_versions_and_load(self) -> None:
        lines = described(0.25, ["pydantic", "no-such-package"])

        assert re.search(r"Python 3\.\d+\.\d+, pydantic [\d.]+, no-such-package \(not installed\)", lines[1])
        assert lines[2] == "Load average before the run: 0.25"


class TestOptions:
    def test_rounds_as_asked_else_few_when_quick_else_as_usual(self) -> None:
        asked, quick, usual = Options(rounds=3, quick=True), Options(quick=True), Options()

        assert [options.rounds_or(7) for options in (asked, quick, usual)] == [3, 2, 7]


class TestCommand:
    def test_an_unknown_suite_is_a_wrong_command_line(self) -> None:
        done = run("scripts/bench.py", "nothing")

        assert done.returncode == 2
        assert "no such suite: nothing (there are stl," in done.stderr

    def test_so_is_a_round_number_that_is_none(self) -> None:
        assert run("scripts/bench.py", "stl", "--rounds", "0").returncode == 2

    def test_a_quick_look_is_not_written_over_what_was_measured(self) -> None:
        done = run("scripts/bench.py", "stl", "--quick", "--write")

        assert done.returncode == 2
        assert "--quick only shows that a suite works" in done.stderr
