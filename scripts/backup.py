"""Backups: ``python3 scripts/backup.py create FOLDER``, ``verify FILE``, ``restore FILE``.

One archive holds the database and every stored file. ``create`` works while the service runs; ``restore``
wants it stopped. The installation is the one of the settings and ``--data-dir``, as for ``run.py``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.venv import run_command  # noqa: E402 - the line above makes it importable

NEEDED = ("alembic", "asyncpg", "aiosqlite", "obstore", "structlog")


def main() -> int:
    """0 when everything is as wanted, 1 with a sentence when not."""
    return run_command("scripts.backups.command", Path(__file__), NEEDED)


if __name__ == "__main__":
    sys.exit(main())
