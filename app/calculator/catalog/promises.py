"""What a price promises whatever is chosen: more, finer and quicker never costs less."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import LeadTimeOption, Option

GRADE = re.compile(r"IT([1-9]\d*|0)")
ROUGHNESS = re.compile(r"Ra(\d+(?:\.\d+)?)")

R = TypeVar("R", Option, LeadTimeOption)


@dataclass(frozen=True)
class BrokenPromise:
    """Rows whose factors would make more cost less, the one that costs too little first."""

    rows: tuple[Option | LeadTimeOption, ...]
    message: str


def broken_promises(catalog: Catalog) -> Iterator[BrokenPromise]:
    """Every row that is cheaper than another it must not be cheaper than, by the dearest of those.

    Tolerances and finishes of other names than ``IT7`` and ``Ra1.6`` have no order and are not judged.
    """
    yield from _disordered(catalog.tolerances.values(), lambda row: _number(GRADE, row.id), "stricter")
    yield from _disordered(catalog.finishes.values(), lambda row: _number(ROUGHNESS, row.id), "finer")
    yield from _disordered(catalog.lead_times.values(), lambda row: row.days_factor, "quicker")
    for cover in catalog.covers.values():
        if cover.factor < 1:
            message = (
                f"{cover.table} {cover.key!r} would make a part cheaper: "
                f"its factor is {cover.factor}; make it 1 or more"
            )
            yield BrokenPromise((cover,), message)


def _number(pattern: re.Pattern[str], name: str) -> Decimal | None:
    found = pattern.fullmatch(name)
    return None if found is None else Decimal(found[1])


def _disordered(
    rows: Iterable[R], measure: Callable[[R], Decimal | None], better: str
) -> Iterator[BrokenPromise]:
    """The smaller the measure the better; what is better must have no smaller factor."""
    known = [(size, row) for row in rows if (size := measure(row)) is not None]
    for size, row in known:
        dearer = [other for its, other in known if its > size and other.factor > row.factor]
        if dearer:
            other = max(dearer, key=lambda one: one.factor)
            message = (
                f"{row.table} {row.key!r} is {better} than {other.key!r} and would cost less: its factor is "
                f"{row.factor}, that of {other.key!r} {other.factor}; raise the one or lower the other"
            )
            yield BrokenPromise((row, other), message)
