"""Several hundred parts from one seed."""

from collections.abc import Callable, Iterator
from random import Random

from tests.calculator.features.hole_parts import HOLE_PARTS
from tests.calculator.features.known import Drawn
from tests.calculator.features.pocket_parts import POCKET_PARTS
from tests.calculator.features.sheet_parts import SHEET_PARTS
from tests.calculator.features.touching_parts import TOUCHING_PARTS
from tests.calculator.features.turned_parts import TURNED_PARTS

FREE_FORM_SHARE = 0.08
PARTS: tuple[tuple[int, Callable[[Random], Drawn]], ...] = (
    *HOLE_PARTS,
    *POCKET_PARTS,
    *SHEET_PARTS,
    *TURNED_PARTS,
    *TOUCHING_PARTS,
)
ROUND = sum(weight for weight, _ in PARTS)
"""So many parts hold every kind by its weight."""


def parts(count: int, seed: int = 20) -> Iterator[Drawn]:
    """Parts in the mixture of their weights, each turned and moved; the same seed makes the same parts."""
    makers = [maker for weight, maker in PARTS for _ in range(weight)]
    for number in range(count):
        random = Random(seed * 100_003 + number)
        drawn = makers[number % len(makers)](random)
        if random.random() < FREE_FORM_SHARE:
            drawn = drawn.free_form()
        yield drawn.placed(random)
