"""Break things on purpose and count the damage: ``python scripts/chaos.py [suite ...] [--seconds 600]``.

``--help`` names the suites, docs/development.md tells what each breaks; all of them run when none is named.
Everything happens on 127.0.0.1 in folders of its own. One line per suite says what it cost, the last which of
them failed and which could not run here. The exit status is 1 when something was lost, doubled, left behind
or answered in an undocumented way, and when a suite did nothing or none could run. Linux only.
"""

import argparse
import asyncio
import importlib
import math
import os
import secrets
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.chaos_suites.verdict import Options, Outcome, Verdict, closing_line  # noqa: E402 - made importable above
from scripts.local.machine import SetupError, say  # noqa: E402
from scripts.local.venv import VENV, set_up  # noqa: E402

LONGEST_SECONDS = 7 * 24 * 3600.0
SUITES = {
    "api-kills": "api_kills",
    "calculator-kills": "calculator_kills",
    "database": "database",
    "disk-full": "disk_full",
    "mutants": "mutants",
    "fuzz": "fuzz",
    "jobs": "jobs",
    "neighbours": "neighbours",
    "workers": "workers",
    "storage-faults": "storage_faults",
    "hostile-uploads": "hostile_uploads",
    "ssrf": "ssrf",
}


def main() -> int:
    """Run the suites one after the other; 1 when one of them failed or none of them could run."""
    chosen = parse_arguments()
    try:
        python = set_up(dev=True)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if Path(sys.prefix) != VENV:
        os.execv(python, [str(python), *sys.argv])  # noqa: S606 - ourselves, with the packages we need
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # asked for by PostgreSQL's package
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # tidy up as after Ctrl-C
    say(f"seed {chosen.seed}, {chosen.seconds:.0f} seconds a suite")
    outcomes = {}
    try:
        for name in dict.fromkeys(chosen.suites or SUITES):
            outcomes[name] = run_suite(name, chosen)
    except KeyboardInterrupt:
        say("Stopped.")
        return 1
    say(closing_line(outcomes))
    ends = set(outcomes.values())
    return 0 if Outcome.passed in ends and Outcome.failed not in ends else 1


def run_suite(name: str, chosen: argparse.Namespace) -> Outcome:
    """One suite in a folder of its own, which is kept only when something failed."""
    suite = importlib.import_module(f"scripts.chaos_suites.{SUITES[name]}")
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
    options = Options(
        folder=folder,
        seconds=chosen.seconds,
        count=chosen.count,
        seed=chosen.seed,
        postgres=chosen.postgres,
    )
    try:
        verdict: Verdict = asyncio.run(suite.run(options))
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except Exception:  # noqa: BLE001 - whatever stopped this suite, the others are still to come
        traceback.print_exc()
        say(f"{name}: broke off … FAIL (logs and data: {folder})")
        return Outcome.failed
    for line in [verdict.line(), *verdict.details()]:
        say(line)
    if verdict.passed:
        shutil.rmtree(folder)
    else:
        say(f"  (logs and data: {folder})")
    return verdict.outcome


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Break things on purpose and count the damage.")
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"any of: {', '.join(SUITES)} (all)")
    parser.add_argument("--seconds", type=seconds, default=600.0, help="time for each suite (600)")
    parser.add_argument("--count", type=count, help="end a suite after so many kills, rounds, files, jobs, …")
    parser.add_argument("--seed", type=seed, default=secrets.randbelow(10**6), help="repeat a run (random)")
    parser.add_argument("--postgres", action="store_true", help="api-kills over PostgreSQL instead of SQLite")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.suites) - set(SUITES))
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)} (there are {', '.join(SUITES)})")
    return chosen


def seconds(text: str) -> float:
    """A time in which something can be broken: at least a second, at most a week."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 1 <= found <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no time (1 to {LONGEST_SECONDS:.0f} seconds)")
    return found


def count(text: str) -> int:
    """A whole number above zero."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count (1 or more)")
    return int(text)


def seed(text: str) -> int:
    """A whole number."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed (0 or more)")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
