"""Stored files: ``python3 scripts/storage.py check [--quick]``.

Compares the database with the storage and names what is lost (a row without its bytes), damaged (other bytes
than were stored, found by reading all of them) and orphaned (bytes of no row, older than an hour).
``--quick`` compares sizes only. The service may run meanwhile. The installation is the one of the settings
and ``--data-dir``. Ends with 1 when something was found.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.venv import run_command  # noqa: E402 - the line above makes it importable

NEEDED = ("aiosqlite", "asyncpg", "fastapi", "obstore", "structlog")


def main() -> int:
    """0 when everything is where it should be."""
    return run_command("scripts.stored.command", Path(__file__), NEEDED)


if __name__ == "__main__":
    sys.exit(main())
