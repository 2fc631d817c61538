"""How fast it is: ``python3 scripts/bench.py [suite ...] [--rounds N] [--quick] [--write]``.

Candidates run in turn on the same input, so that ratios within one run mean something on any machine.
Prints a Markdown table for each suite with its goals, met or not; ``--write`` also puts it into
``docs/benchmarks/<suite>.md``, unless it was a ``--quick`` look.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.bench_suites.machine import clock_for, described, load_average  # noqa: E402 - made importable above
from scripts.bench_suites.measure import BenchFailed, Options, Report  # noqa: E402
from scripts.bench_suites.report import markdown  # noqa: E402
from scripts.local.machine import SetupError  # noqa: E402
from scripts.local.services import ServiceFailed  # noqa: E402
from scripts.local.venv import VENV, set_up  # noqa: E402

PAGES = ROOT / "docs" / "benchmarks"
SUITES = {
    "stl": ("numpy", "trimesh"),
    "step": ("cadquery", "cadquery-ocp"),
    "geometry": ("cadquery", "cadquery-ocp", "numpy", "scipy", "embreex", "trimesh"),
    "pricing": ("pydantic",),
    "reprice": ("fastapi", "uvicorn", "pydantic"),
    "orders": ("fastapi", "uvicorn", "sqlalchemy", "asyncpg", "aiosqlite", "httpx"),
    "files": ("fastapi", "uvicorn", "obstore"),
    "preview": ("numpy", "pillow", "vtk", "trimesh"),
    "start": ("fastapi", "cadquery"),
    "auth": ("fastapi", "uvicorn", "passlib", "bcrypt"),
}
"""Each a module of ``scripts.bench_suites`` with the packages whose versions matter."""


def main() -> int:
    """Measure, print, write; 0 also when a goal is missed, since speed is no test."""
    chosen = parse_arguments()
    try:
        use_project_python()
        load = load_average()
        options = Options(chosen.rounds, chosen.quick, chosen.corpus, chosen.clock or clock_for(load))
        for name in chosen.suites or SUITES:
            report: Report = importlib.import_module(f"scripts.bench_suites.{name}").run(options)
            page = markdown(report, described(load, SUITES[name]))
            print(page, flush=True)
            if chosen.write:
                PAGES.mkdir(parents=True, exist_ok=True)
                (PAGES / f"{name}.md").write_text(page, encoding="utf-8")
    except (SetupError, ServiceFailed, BenchFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def use_project_python() -> None:
    """Go on in the project's virtual environment when this is another Python."""
    python = set_up(dev=True)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])  # noqa: S606 - ourselves


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure how fast it is; see docs/benchmarks.")
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"any of: {', '.join(SUITES)} (all)")
    parser.add_argument("--rounds", type=count, help="how often each candidate runs")
    parser.add_argument("--quick", action="store_true", help="small inputs, few rounds: does it work?")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks/<suite>.md")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="real files: suites step, geometry")
    parser.add_argument("--clock", choices=["wall", "cpu"], help="how goals are judged (by the load average)")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.suites) - set(SUITES))
    if chosen.quick and chosen.write:
        parser.error("--quick only shows that a suite works: its figures are not written over measured ones")
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)} (there are {', '.join(SUITES)})")
    return chosen


def count(text: str) -> int:
    """A whole number above zero."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
