"""What follows from facts alone, remembered for as long as the same facts are asked about.

One part is compared by many processes and varied in many ways; its facts are one object all the while, and as
they cannot change, nor can what was made of them.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Generic, TypeVar

from app.calculator.dfm import judge
from app.contract.geometry import Finding, PartFacts

T = TypeVar("T")
PARTS = 4
"""Parts that are remembered."""
JUDGEMENTS = 32
"""Parts times processes."""


class Same(Generic[T]):
    """A value that equals only itself."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value


def digest_of(facts: PartFacts) -> str:
    """SHA-256 of what was measured; how long that took is no part of it."""
    return _digest(Same(facts))


def findings_on(facts: PartFacts, figures: Mapping[str, Decimal]) -> tuple[Finding, ...]:
    """What the rules of a process say about the part."""
    return _judged(Same(facts), Same(figures))


@lru_cache(maxsize=PARTS)
def _digest(facts: Same[PartFacts]) -> str:
    told = facts.value.model_dump(mode="json", exclude={"seconds"})
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=JUDGEMENTS)
def _judged(facts: Same[PartFacts], figures: Same[Mapping[str, Decimal]]) -> tuple[Finding, ...]:
    return tuple(judge(facts.value, figures.value))
