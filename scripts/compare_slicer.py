"""Printing hours against PrusaSlicer: ``python3 scripts/compare_slicer.py [--slicer PATH] [--write]``.

Shapes of many kinds are drawn, measured as the service measures them and priced for filament; the slicer
(package ``prusa-slicer``; used by this script only) slices the same meshes. Prints a table with the error of
every shape; ``--write`` puts it into ``docs/benchmarks/slicer.md``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.venv import run_command  # noqa: E402 - the line above makes it importable

NEEDED = ("cadquery", "numpy", "pydantic")


def main() -> int:
    """0 with a table, 1 with a sentence when there is no slicer."""
    return run_command("scripts.slicer.command", Path(__file__), NEEDED)


if __name__ == "__main__":
    sys.exit(main())
