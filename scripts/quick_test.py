"""The fast tests: ``python3 scripts/quick_test.py [pytest arguments]``.

Leaves out what starts services or geometry children and what needs parts from outside.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import set_up  # noqa: E402

FAST = "not services and not corpus and not cad"


def main() -> int:
    """Run them in two processes; the exit status is pytest's."""
    try:
        python = set_up(dev=True)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    command = [str(python), "-m", "pytest", "-n", "2", "-m", FAST, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
