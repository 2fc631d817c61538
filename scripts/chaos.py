"""Break things on purpose and count the damage: ``python scripts/chaos.py [suite ...] [--seconds 600]``.

``--help`` names the suites, docs/development.md tells what each breaks; all of them run when none is named.
Everything happens on 127.0.0.1 in folders of its own. One line per suite says what it cost; the exit status
is 1 when something was lost, doubled, left behind or answered in an undocumented way. Linux only.
"""

import argparse
import asyncio
import importlib
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

from scripts.local.machine import SetupError, say  # noqa: E402 - the line above makes these importable
from scripts.local.venv import VENV, set_up  # noqa: E402

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
    """Run the suites one after the other; 1 when one of them failed."""
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
    try:
        passed = [run_suite(name, chosen) for name in chosen.suites or SUITES]
    except KeyboardInterrupt:
        say("Stopped.")
        return 1
    return 0 if all(passed) else 1


def run_suite(name: str, chosen: argparse.Namespace) -> bool:
    """One suite in a folder of its own, which is kept only when something failed."""
    verdicts = importlib.import_module("scripts.chaos_suites.verdict")
    suite = importlib.import_module(f"scripts.chaos_suites.{SUITES[name]}")
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
    options = verdicts.Options(
        folder=folder,
        seconds=chosen.seconds,
        count=chosen.count,
        seed=chosen.seed,
        postgres=chosen.postgres,
    )
    try:
        verdict = asyncio.run(suite.run(options))
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except Exception:  # noqa: BLE001 - whatever stopped this suite, the others are still to come
        traceback.print_exc()
        say(f"{name}: broke off … FAIL (logs and data: {folder})")
        return False
    for line in [verdict.line(), *verdict.details()]:
        say(line)
    if verdict.passed:
        shutil.rmtree(folder)
    else:
        say(f"  (logs and data: {folder})")
    return bool(verdict.passed)


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Break things on purpose and count the damage.")
    parser.add_argument("suites", nargs="*", metavar="suite", choices=[*SUITES, []], help=", ".join(SUITES))
    parser.add_argument("--seconds", type=float, default=600.0, help="time for each suite (600)")
    parser.add_argument("--count", type=int, help="end a suite after so many kills, rounds, files, jobs, …")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeat a run (random)")
    parser.add_argument("--postgres", action="store_true", help="api-kills over PostgreSQL instead of SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
