"""Set up what tests need and run them: ``python3 scripts/run_all_tests.py``.

``--suite NAME`` runs one folder of ``tests/``; ``--postgres`` repeats on a real PostgreSQL server what
touches the database; anything else goes to pytest, such as ``-k price``. The last line is pytest's own.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError, say  # noqa: E402 - the line above makes these importable
from scripts.local.venv import set_up  # noqa: E402

TESTS = ROOT / "tests"
CORPUS = "MILLWRIGHT_CORPUS"
NO_TESTS = 5
"""How pytest ends when nothing was selected."""


def main() -> int:
    """Run the tests once or twice; the exit status is pytest's."""
    chosen, extra = parse_arguments()
    try:
        python = set_up(dev=True)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not os.environ.get(CORPUS) and chosen.suite in {None, "corpus"}:
        say(f"{CORPUS} names no folder, so the tests over parts from outside are skipped.")
    places = [str(TESTS / chosen.suite)] if chosen.suite else []
    pytest = [str(python), "-m", "pytest", "-n", chosen.workers, "--dist", "loadgroup", *places, *extra]
    status = run(pytest, os.environ)
    if status != 0 or not chosen.postgres:
        return status
    say("Once more on PostgreSQL: what touches the database")
    on_postgres = {**os.environ, "MILLWRIGHT_TEST_DATABASE": "postgres"}
    status = run([*pytest, "-m", "database"], on_postgres)
    return 0 if status == NO_TESTS and chosen.suite else status


def run(command: list[str], environment: "os._Environ[str] | dict[str, str]") -> int:
    """Run to the end with our own output; its status."""
    return subprocess.run(command, cwd=ROOT, env=dict(environment), check=False).returncode


def parse_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and the rest for pytest."""
    parser = argparse.ArgumentParser(description="Run all tests; other arguments go to pytest.")
    parser.add_argument("--suite", choices=suites(), metavar="NAME", help=f"one of: {', '.join(suites())}")
    parser.add_argument("--postgres", action="store_true", help="repeat database tests on PostgreSQL")
    parser.add_argument("-n", dest="workers", default="2", metavar="N", help="test processes (2)")
    return parser.parse_known_args()


def suites() -> list[str]:
    """The folders of tests."""
    return sorted(path.name for path in TESTS.iterdir() if any(path.rglob("test_*.py")))


if __name__ == "__main__":
    sys.exit(main())
