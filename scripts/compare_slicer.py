"""Printing hours against PrusaSlicer: ``python3 scripts/compare_slicer.py [--slicer PATH] [--write]``.

Shapes of many kinds are drawn, measured as the service measures them and priced for filament; the slicer
(package ``prusa-slicer``; used by this script only) slices the same meshes. Prints a table with the error of
every shape; ``--write`` puts it into ``docs/benchmarks/slicer.md``.
"""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import use_project_python  # noqa: E402

NEEDED = ("cadquery", "numpy", "pydantic")


def main() -> int:
    """0 with a table, 1 with a sentence when there is no slicer."""
    try:
        use_project_python(Path(__file__), NEEDED)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done: int = importlib.import_module("scripts.slicer.command").main()
    return done


if __name__ == "__main__":
    sys.exit(main())
