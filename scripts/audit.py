"""The audit log: ``python3 scripts/audit.py verify [--head POSITION:DIGEST]``.

Walks along the sealed chain, names every record that was changed or is missing, and says what is not sealed
yet. Ends with 1 when something is broken. ``--head`` is a head noted before, from the logs or from an earlier
run: the chain must still go through it. The installation is the one of the settings and ``--data-dir``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.venv import run_command  # noqa: E402 - the line above makes it importable

NEEDED = ("aiosqlite", "asyncpg", "fastapi", "structlog")


def main() -> int:
    """0 when the chain is whole, 1 with a sentence when not."""
    return run_command("scripts.audits.command", Path(__file__), NEEDED)


if __name__ == "__main__":
    sys.exit(main())
