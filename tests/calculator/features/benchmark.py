"""How well drawn features are found: ``python -m tests.calculator.features.benchmark [parts]``."""

import sys
import time

from app.calculator.features import recognise
from tests.calculator.features.generator import parts
from tests.calculator.features.score import Score

WHOLE = 480
FAULTS_SHOWN = 40


def score(count: int) -> tuple[Score, float]:
    """The score of that many parts and the seconds recognition alone took."""
    found, seconds = Score(), 0.0
    for part in parts(count):
        started = time.perf_counter()
        features = recognise(part.shape.wrapped)
        seconds += time.perf_counter() - started
        found.add(part, features)
    return found, seconds


def main() -> int:
    """Print both tables and what went wrong."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE
    found, seconds = score(count)
    faults = "\n".join(f"- {fault[:300]}" for fault in found.faults[:FAULTS_SHOWN])
    sys.stdout.write(f"{count} parts, {1000 * seconds / count:.1f} ms each\n\n")
    sys.stdout.write(f"{found.summary()}\n\n{found.markdown()}\n\n{faults}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
