"""How much of what is done feature by feature is told one by one: what a person still reads."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from app.calculator.processes.base import Step

MOST_TOLD = 50

F = TypeVar("F")


def one_by_one(
    features: Sequence[F],
    minutes_of: Callable[[F], Decimal],
    alone: Callable[[F, Decimal], Step],
    together: Callable[[Sequence[F], Decimal], Step],
) -> tuple[Step, ...]:
    """A step for every feature up to a number, one for all the rest."""
    told, rest = features[:MOST_TOLD], features[MOST_TOLD:]
    steps = [alone(one, minutes_of(one)) for one in told]
    if rest:
        steps.append(together(rest, sum(map(minutes_of, rest), Decimal(0))))
    return tuple(steps)
