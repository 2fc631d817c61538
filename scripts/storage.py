"""Stored files: ``python3 scripts/storage.py check [--quick]``.

Compares the database with the storage and names what is lost (a row without its bytes), damaged (other bytes
than were stored, found by reading all of them) and orphaned (bytes of no row, older than an hour).
``--quick`` compares sizes only. The service may run meanwhile. The installation is the one of the settings
and ``--data-dir``. Ends with 1 when something was found.
"""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import use_project_python  # noqa: E402

NEEDED = ("aiosqlite", "asyncpg", "fastapi", "obstore", "structlog")


def main() -> int:
    """0 when everything is where it should be."""
    try:
        use_project_python(Path(__file__), NEEDED)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done: int = importlib.import_module("scripts.stored.command").main()
    return done


if __name__ == "__main__":
    sys.exit(main())
