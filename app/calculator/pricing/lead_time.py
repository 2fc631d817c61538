"""Working days until the order is ready, part by part.

Of bare dimensions only the days of the rows are known (original rule engine). A measured part has a plan: its
programming takes as many days as its hours need, and production those of the machines it runs on.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import LeadTimeOption, Machine
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.lines import figure
from app.calculator.pricing.quantity import band_of
from app.calculator.processes.base import NO_INPUTS, ZERO, Inputs, Plan, Step
from app.contract.base import Text
from app.contract.geometry import Finding
from app.contract.pricing import LeadTimePartOf

PROGRAM, PRODUCTION = "developing-program", "production"
PROGRAMMING = "programming"
"""The step that is done at a desk."""
OF_MATERIAL = frozenset({"buying-material", "preparing-material"})
"""Parts that fall away where the customer supplies what is worked on."""
LABELS: Mapping[str, Text] = {
    "buying-material": Text(en="Buying of material", ru="Закупка материала"),
    "developing-technology": Text(en="Technology", ru="Разработка технологии"),
    PROGRAM: Text(en="Programming", ru="Разработка программы"),
    "preparing-material": Text(en="Preparing of material", ru="Заготовка"),
    PRODUCTION: Text(en="Production", ru="Производство"),
    "quantity": Text(en="Quantity", ru="Размер партии"),
}
HOPELESS = 2
"""Times the promised days: overtime and other shops may help before, but not beyond; our own assumption."""
FROM_ROW = "days of the row"
FROM_PROGRAMMING = "hours of programming / hours a day, whole days"
FROM_HOURS = (
    "(order + builds on each machine + pieces on each machine) / hours a day of a machine"
    " + handwork / hours a day of people, whole days"
)


class Days(NamedTuple):
    """A part of the lead time; ``rows`` are those of the catalogue behind it."""

    code: str
    label: Text
    days: int
    formula: str = FROM_ROW
    inputs: Inputs = NO_INPUTS
    rows: tuple[str, ...] = ()


class Lot(NamedTuple):
    """What is made of a plan: so many pieces in so many batches, on machines that can make the part."""

    plan: Plan
    quantity: int
    batches: int
    machines: Sequence[Machine]


def days_by_rules(catalog: Catalog, choices: Choices, quantity: int) -> tuple[Days, ...]:
    """Days of every order, of its covers (each once) and of its quantity band (original rule engine)."""
    band = band_of(quantity, catalog.bands)
    rows = [_of_row(row.id, row.days) for row in catalog.lead_time_parts.values()]
    more = Days("quantity", LABELS["quantity"], band.days, rows=(band.full_key,))
    return (*rows, *((more,) if band.days else ()), *_covers(choices))


def days_by_plan(catalog: Catalog, choices: Choices, lot: Lot) -> tuple[Days, ...]:
    """Days from the hours of the lot; they never fall when the quantity rises."""
    shop_hours = catalog.shop.hours_per_day
    found = list[Days]()
    for row in catalog.lead_time_parts.values():
        if row.id == PROGRAM:
            found += _programming(lot, shop_hours)
        elif row.id != PRODUCTION and not (lot.plan.supplied and row.id in OF_MATERIAL):
            found.append(_of_row(row.id, row.days))
    return (*found, _production(catalog, lot), *_covers(choices), *_control(choices))


def too_long(catalog: Catalog, lot: Lot, promised_days: int) -> Iterator[Finding]:
    """Says that the machines need more days than a rule promises that does not look at hours."""
    needed = _production(catalog, lot).days
    if needed > promised_days:
        yield Finding(
            code="lead-time-too-short",
            severity="error" if needed > HOPELESS * promised_days else "warning",
            message=f"Production alone takes {needed} days; by dimensions {promised_days} are promised.",
            fix="Send the file of the part, or agree on a date with the shop.",
            value=needed,
            limit=promised_days,
            unit="days",
        )


def total_days(parts: Iterable[Days]) -> int:
    """All parts, one after the other."""
    return sum(part.days for part in parts)


def told(parts: Iterable[Days]) -> tuple[LeadTimePartOf[Text], ...]:
    """The parts as the shop sees them."""
    return tuple(
        LeadTimePartOf[Text](
            code=part.code,
            label=part.label,
            days=part.days,
            formula=part.formula,
            inputs={name: figure(value, unit) for name, (value, unit) in part.inputs.items()},
            rows=part.rows,
        )
        for part in parts
    )


def optional_days(standard_days: int, option: LeadTimeOption) -> int:
    """The days of a delivery option, at least one."""
    return max(1, math.ceil(standard_days * option.days_factor))


def _of_row(row_id: str, days: int) -> Days:
    label = LABELS.get(row_id, Text(en=row_id, ru=row_id))
    return Days(row_id, label, days, rows=(f"lead_time_part/{row_id}",))


def _covers(choices: Choices) -> Iterator[Days]:
    return (Days(row.id, row.label, row.days, rows=(row.full_key,)) for row in choices.covers)


def _control(choices: Choices) -> Iterator[Days]:
    row = choices.control
    if row.days:
        yield Days(row.id, row.label, row.days, rows=(row.full_key,))


def _programming(lot: Lot, hours_per_day: Decimal) -> Iterator[Days]:
    """At a desk, for the time the plan says; nothing where nobody programs."""
    programs = [step for step in lot.plan.steps if step.code == PROGRAMMING]
    hours = sum((_hours(step, lot.batches, lot.quantity) for step in programs), ZERO)
    if hours:
        yield Days(
            PROGRAM,
            LABELS[PROGRAM],
            math.ceil(hours / hours_per_day),
            FROM_PROGRAMMING,
            {"programming": (hours, "h"), "hours_per_day": (hours_per_day, "h")},
        )


def _production(catalog: Catalog, lot: Lot) -> Days:
    """Pieces and builds are spread over the machines an order gets; what is done once is done on one."""
    shop = catalog.shop
    running = sorted((one.hours_per_day or shop.hours_per_day for one in lot.machines), reverse=True)
    running = running[: shop.machines_per_order] or [shop.hours_per_day]
    count, machine_hours = len(running), running[-1]
    builds, pieces = -(-lot.batches // count), -(-lot.quantity // count)
    by_machine, by_hand = ZERO, ZERO
    for step in lot.plan.steps:
        if step.code == PROGRAMMING:
            continue
        if step.by_hand:
            by_hand += _hours(step, lot.batches, lot.quantity)
        else:
            by_machine += _hours(step, builds, pieces)
    days = by_machine / machine_hours + by_hand / shop.hours_per_day
    return Days(
        PRODUCTION,
        LABELS[PRODUCTION],
        max(1, math.ceil(days)),
        FROM_HOURS,
        {
            "hours_on_each_machine": (by_machine, "h"),
            "machines": (count, "machines"),
            "machine_hours_per_day": (machine_hours, "h"),
            "handwork": (by_hand, "h"),
            "hours_per_day": (shop.hours_per_day, "h"),
        },
        (shop.full_key,),
    )


def _hours(step: Step, batches: int, pieces: int) -> Decimal:
    return step.order_hours + step.batch_hours * batches + step.piece_hours * pieces
