"""The command: read, fit, tell, keep."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.catalog.reading import CatalogError
from app.calculator.catalog.rows import Figure
from app.calculator.pricing.band import LEARNED
from scripts.calibration.fit import Errors, Fitted, fit
from scripts.calibration.marks import marks
from scripts.calibration.times import BadTimes, read_times

FOLDS = 5
FEWEST_PER_FIGURE = 5
"""Jobs for every figure that may change: with fewer a fit says more about chance than about the shop."""

FEWEST_PARTS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """0 with a proposal that was told, 1 with a sentence why there is none."""
    asked = _parser().parse_args(arguments)
    try:
        catalog = load(asked.catalog)
        figures = [_figure(name, catalog) for name in asked.figure]
        jobs = read_times(asked.times, catalog)
        if len(jobs) < FEWEST_PER_FIGURE * len(figures):
            message = f"{len(jobs)} jobs are too few to fit {len(figures)} figures"
            raise BadTimes(message)  # noqa: TRY301 - told like every other reason
        if len({job.part for job in jobs}) < FEWEST_PARTS:
            message = "all jobs are of one part: nothing is left to judge the fit by"
            raise BadTimes(message)  # noqa: TRY301 - told like every other reason
        fitted = fit(jobs, figures, catalog, FOLDS)
    except (BadTimes, CatalogError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_told(fitted, figures, len(jobs)))
    if asked.write is not None:
        learned = marks(jobs, figures, catalog)
        asked.write.write_text(_rows(fitted, learned, asked.times.name, len(jobs)), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calibrate.py", description="Fit figures to real times.")
    parser.add_argument("times", type=Path, help="CSV of real times")
    parser.add_argument("--figure", action="append", required=True, metavar="TABLE/ID")
    parser.add_argument("--catalog", type=Path, help="folder of TOML files; the shipped one by default")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the proposed rows as TOML")
    return parser


def _figure(name: str, catalog: Catalog) -> Figure:
    found = next((row for row in catalog.rows if isinstance(row, Figure) and row.key == name), None)
    if found is None:
        message = f"there is no figure {name!r} in the catalogue"
        raise BadTimes(message)
    if not found.value:
        message = f"{name} is nought, which no factor changes"
        raise BadTimes(message)
    return found


def _told(fitted: Fitted, figures: Sequence[Figure], jobs: int) -> str:
    lines = [
        f"{jobs} jobs. Error of the hours (mean, nine of ten below):",
        f"  before             {_percent(fitted.before)}",
        f"  after              {_percent(fitted.after)}",
        f"  on unseen jobs     {_percent(fitted.unseen)}   (cross-validation)",
        "Proposed figures:",
        *(
            f"  {new.key:40} {old.value} -> {new.value} {new.unit}"
            for old, new in zip(figures, fitted.figures, strict=True)
        ),
    ]
    if fitted.unseen.mean >= fitted.before.mean:
        lines.append("The fit does not help with unseen jobs: keep the figures, or bring more times.")
    return "\n".join(lines) + "\n"


def _percent(errors: Errors) -> str:
    return f"{errors.mean:6.1%} {errors.p90:6.1%}"


def _rows(fitted: Fitted, learned: Mapping[str, Decimal], times: str, jobs: int) -> str:
    today = datetime.now(UTC).date().isoformat()
    source = f"fitted to {jobs} times of {times}, {fitted.unseen.mean:.1%} off on unseen jobs"
    rows = [(figure.process, figure.id, figure.value, figure.unit) for figure in fitted.figures]
    rows += [(process, LEARNED, value, "1") for process, value in learned.items()]
    return "\n".join(
        f'[[figure]]\nprocess = "{process}"\nid = "{name}"\nvalue = {value}\nunit = "{unit}"\n'
        f'source = "{source}"\ndate = {today}\n'
        for process, name, value, unit in rows
    )
