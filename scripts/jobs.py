"""Background jobs: ``python3 scripts/jobs.py inspect [ID]``, ``retry ID ...``, ``drop ID ...``.

``inspect`` counts the jobs of every handler and lists what was given up; with an id it shows that job.
``retry --dead [--handler NAME]`` tries everything again that was given up. The installation is the one of the
settings and ``--data-dir``. Ends with 1 when a job was not there or could not be touched.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.venv import run_command  # noqa: E402 - the line above makes it importable

NEEDED = ("aiosqlite", "asyncpg", "fastapi", "structlog")


def main() -> int:
    """0 when everything asked for was done."""
    return run_command("scripts.background.command", Path(__file__), NEEDED)


if __name__ == "__main__":
    sys.exit(main())
