"""Parts drawn by us: what was drawn must be found, and nothing else."""

import pytest

from tests.calculator.features.benchmark import WHOLE, score
from tests.calculator.features.generator import ROUND

pytestmark = pytest.mark.cad

BARS = {
    "hole": 0.98,
    "pocket": 0.95,
    "bend": 0.95,
    "sheet": 0.95,
    "turned": 0.95,
    "groove": 0.95,
    "boss": 0.95,
}


def check(count: int) -> None:
    found, _ = score(count)

    told = f"{found.summary()}\n" + "\n".join(found.faults)
    for kind, bar in BARS.items():
        assert found.precision(kind) >= bar, told
        assert found.recall(kind) >= bar, told


def test_a_sample_of_every_kind_of_part_is_recognised() -> None:
    check(ROUND)


@pytest.mark.corpus
@pytest.mark.timeout(900)
def test_several_hundred_parts_are_recognised() -> None:
    check(WHOLE)
