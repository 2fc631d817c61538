"""Background jobs: ``python3 scripts/jobs.py inspect [ID]``, ``retry ID ...``, ``drop ID ...``.

``inspect`` counts the jobs of every handler and lists what was given up; with an id it shows that job.
``retry --dead [--handler NAME]`` tries everything again that was given up. The installation is the one of the
settings and ``--data-dir``. Ends with 1 when a job was not there or could not be touched.
"""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import use_project_python  # noqa: E402

NEEDED = ("aiosqlite", "asyncpg", "fastapi", "structlog")


def main() -> int:
    """0 when everything asked for was done."""
    try:
        use_project_python(Path(__file__), NEEDED)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done: int = importlib.import_module("scripts.background.command").main()
    return done


if __name__ == "__main__":
    sys.exit(main())
