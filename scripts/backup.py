"""Backups: ``python3 scripts/backup.py create FOLDER``, ``verify FILE``, ``restore FILE``.

One archive holds the database and every stored file. ``create`` works while the service runs; ``restore``
wants it stopped. The installation is the one of the settings and ``--data-dir``, as for ``run.py``.
"""

import importlib
import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import VENV, set_up  # noqa: E402

NEEDED = ("alembic", "asyncpg", "aiosqlite", "obstore", "structlog")


def main() -> int:
    """0 when everything is as wanted, 1 with a sentence when not."""
    try:
        use_project_python()
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done: int = importlib.import_module("scripts.backups.command").main()
    return done


def use_project_python() -> None:
    """Go on in the project's virtual environment, unless this Python has the packages (as in the image)."""
    is_ours = Path(sys.prefix).resolve() == VENV.resolve()
    if is_ours or (not VENV.exists() and all(importlib.util.find_spec(name) for name in NEEDED)):
        return
    python = set_up()
    os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])  # noqa: S606 - ourselves


if __name__ == "__main__":
    sys.exit(main())
