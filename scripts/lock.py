"""Write the lock files again from pyproject.toml: ``python3 scripts/lock.py [--upgrade]``.

One resolution for everything; the smaller locks are the same versions with fewer packages:
``requirements-run.lock`` (both services) and ``requirements-api.lock`` (the API without the CAD kernel).
Names, versions and hashes only, no addresses.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.machine import SetupError, find_uv  # noqa: E402 - the line above makes it importable

WHOLE = "requirements.lock"
PARTS = {"requirements-run.lock": ["--extra", "calculator"], "requirements-api.lock": []}


def main() -> int:
    """Resolve, write three files, say which."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    options.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    chosen = options.parse_args()
    try:
        uv = find_uv()
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    newest = ["--upgrade"] if chosen.upgrade else []
    compile_lock(uv, WHOLE, ["--all-extras", *newest])
    for name, extras in PARTS.items():
        compile_lock(uv, name, [*extras, "--upgrade", "--constraint", WHOLE])
    return 0


def compile_lock(uv: str, name: str, choices: list[str]) -> None:
    """One resolution into one file."""
    print(f"Resolving {name}", flush=True)
    command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    subprocess.run(
        [*command, *choices, "pyproject.toml", "--output-file", name], cwd=ROOT, env=environment, check=True
    )


if __name__ == "__main__":
    sys.exit(main())
