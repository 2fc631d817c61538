"""A suite's report as Markdown. Standard library only."""

from scripts.bench_suites.measure import Figures, Report, Row

HEAD = "| Case | Candidate | Median | CPU | Relative | Memory | Goal |\n|---|---|---|---|---|---|---|"
MICRO, MILLI = 1e-6, 1e-3


def markdown(report: Report, machine: list[str]) -> str:
    """The whole page: how it was measured, on what, and the table."""
    clock = (
        "median wall time" if report.clock == "wall" else "CPU time, since others used the machine meanwhile"
    )
    facts = "\n".join(f"- {line}" for line in [*machine, f"Goals and ratios judged by {clock}."])
    table = "\n".join([HEAD, *(_row(row) for row in report.rows)])
    return f"# {report.title}\n\n{report.method.strip()}\n\n{facts}\n\n{table}\n\n{summary(report)}\n"


def summary(report: Report) -> str:
    """One line: how many goals there are and which were missed."""
    verdicts = [verdict for row in report.rows for verdict in row.verdicts]
    if not verdicts:
        return "No goals are set here."
    met = sum(verdict.is_met for verdict in verdicts)
    missed = "".join(f"; missed: {row.case}, {row.candidate}" for row in report.missed)
    return f"Goals met: {met} of {len(verdicts)}{missed}."


def _row(row: Row) -> str:
    wall, cpu = _both(row.figures)
    goals = "<br>".join(verdict.text for verdict in row.verdicts)
    cells = [row.case, row.candidate, wall, cpu, row.relative, row.memory, goals]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _both(figures: Figures | None) -> tuple[str, str]:
    return ("", "") if figures is None else (seconds(figures.wall_seconds), seconds(figures.cpu_seconds))


def seconds(amount: float) -> str:
    """A time with three figures and its unit."""
    if amount < MILLI:
        return f"{amount / MICRO:.3g} µs"
    return f"{amount / MILLI:.3g} ms" if amount < 1 else f"{amount:.3g} s"
