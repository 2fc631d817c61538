"""Backups: ``python3 scripts/backup.py create FOLDER``, ``verify FILE``, ``restore FILE``.

One archive holds the database and every stored file. ``create`` works while the service runs; ``restore``
wants it stopped. The installation is the one of the settings and ``--data-dir``, as for ``run.py``.
"""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import use_project_python  # noqa: E402

NEEDED = ("alembic", "asyncpg", "aiosqlite", "obstore", "structlog")


def main() -> int:
    """0 when everything is as wanted, 1 with a sentence when not."""
    try:
        use_project_python(Path(__file__), NEEDED)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done: int = importlib.import_module("scripts.backups.command").main()
    return done


if __name__ == "__main__":
    sys.exit(main())
