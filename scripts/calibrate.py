"""Fits figures of the catalogue to the shop's own times: ``python3 scripts/calibrate.py TIMES.csv``.

``--figure TABLE/ID`` (repeatable) names the figures that may change, such as ``cutting/cutting_factor``.
Prints the error before and after, by cross-validation, and the proposed rows; ``--write FILE`` keeps them as
TOML, to be proposed as a version of the catalogue. Nothing is applied.

The CSV has a header and the columns ``facts`` (a JSON file with the answer of ``/files/{id}/analysis``,
beside the CSV), ``service_id``, ``material_id``, ``actual_hours`` and, if wanted, ``quantity`` and ``params``
(JSON).
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.venv import run_command  # noqa: E402 - the line above makes it importable

NEEDED = ("numpy", "scipy", "pydantic")


def main() -> int:
    """0 with a proposal, 1 with a sentence when there can be none."""
    return run_command("scripts.calibration.command", Path(__file__), NEEDED)


if __name__ == "__main__":
    sys.exit(main())
