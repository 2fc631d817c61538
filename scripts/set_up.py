"""Make ``.venv`` as the lock says, and nothing else: ``python3 scripts/set_up.py [--dev]``."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError  # noqa: E402 - the line above makes these importable
from scripts.local.venv import set_up  # noqa: E402


def main() -> int:
    """Set up and print the path of the Python to use."""
    parser = argparse.ArgumentParser(description="Make .venv as the lock says.")
    parser.add_argument("--dev", action="store_true", help="with the tools for tests and checks")
    chosen = parser.parse_args()
    try:
        print(set_up(dev=chosen.dev))
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
