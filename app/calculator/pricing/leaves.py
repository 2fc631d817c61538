"""The leaves of a price: selling amounts that are linear in pieces, batches and orders.

Work = hours x wage x complexity, with what lies on top of the wage; tolerance, finish, covers, control and
haste are factors on it. A factor below one makes the work itself cheaper, one above it makes a leaf of its
own, so no leaf is ever negative.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import LeadTimeOption, Location, Option
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.overheads import (
    Parts,
    charge_parts,
    labour_parts,
    machine_parts,
    material_parts,
    price_factor,
)
from app.calculator.pricing.rounding import WORK_PLACES, cents
from app.calculator.processes.base import ONE, ZERO, Charge, Inputs, Job, Plan, Step
from app.contract.base import Text

PRICE: Parts = (("price", ONE),)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much per piece, per batch and per order."""

    per_piece: Decimal = ZERO
    per_batch: Decimal = ZERO
    per_order: Decimal = ZERO

    def times(self, factor: Decimal) -> "Amount":
        """A multiple of it."""
        return Amount(self.per_piece * factor, self.per_batch * factor, self.per_order * factor)

    def plus(self, other: "Amount") -> "Amount":
        """The sum of both."""
        return Amount(
            self.per_piece + other.per_piece,
            self.per_batch + other.per_batch,
            self.per_order + other.per_order,
        )

    def at(self, quantity: int, batches: int) -> Decimal:
        """What it comes to for a quantity."""
        return self.per_piece * quantity + self.per_batch * batches + self.per_order


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A selling amount and its reasons.

    Only work (not material, papers and most charges) takes part in the quantity bands. The hours are those of
    the step itself or, for a surcharge (``is_step`` false), of the work it concerns. ``features`` says how
    much of it falls on which feature (``None``: on the part). ``parts`` is the cost structure of the amount,
    and ``rates`` the figures of the catalogue only the shop may see.
    """

    group: str
    code: str
    label: Text
    formula: str
    amount: Amount
    features: tuple[tuple[str | None, Amount], ...]
    is_work: bool = True
    is_step: bool = True
    inputs: Inputs = field(default_factory=dict)
    hours: Amount = NOTHING
    parts: Parts = PRICE
    rates: Inputs = field(default_factory=dict)
    rows: tuple[str, ...] = ()


Graded = tuple[Leaf, bool]
"""A leaf, and whether tolerance and finish act on it."""


def leaves_of(plan: Plan, job: Job, choices: Choices, catalog: Catalog) -> tuple[Leaf, ...]:
    """The plan in selling amounts at the chosen location, options and papers included, haste not."""
    by_rules = job.part.measured is None
    charged = [_charge(charge, choices) for charge in plan.charges]
    work = [*_work(plan, choices, by_rules=by_rules), *((leaf, False) for leaf in charged if leaf.is_work)]
    return (
        _material(plan, job, choices, catalog, by_rules=by_rules),
        *_with_options(work, choices),
        *(leaf for leaf in charged if not leaf.is_work),
        *_certificates(choices),
    )


def hastened(leaves: Iterable[Leaf], option: LeadTimeOption) -> tuple[Leaf, ...]:
    """The leaves with the factor of a delivery option on all work."""
    wished = Option(
        id=option.id, label=option.label, factor=option.factor, source=option.source, date=option.date
    )
    graded = [(leaf, leaf.is_work) for leaf in leaves]
    return tuple(leaf for leaf, _ in _apply("rush", wished, graded, rows=(row_name(option),)))


def row_name(row: Option | LeadTimeOption) -> str:
    """How a row is called in the proof of a price."""
    return f"{row.table}/{row.key}"


def _material(plan: Plan, job: Job, choices: Choices, catalog: Catalog, *, by_rules: bool) -> Leaf:
    price_per_kg = job.form.price_per_kg
    assert price_per_kg is not None
    waste = catalog.shop.material_factor if by_rules and not plan.waste_included else ONE
    cost = ZERO if plan.supplied else cents(plan.mass_kg * price_per_kg * waste)
    parts = material_parts(choices.location)
    amount = Amount(per_piece=cost * price_factor(parts))
    rates: dict[str, tuple[Decimal | int, str]] = {
        "price_per_kg": (price_per_kg, f"{catalog.shop.currency}/kg")
    }
    if by_rules:
        rates["waste_factor"] = (waste, "1")
    label = Text(en="Material", ru="Материал")
    if plan.supplied:
        label, rates = Text(en="The customer's parts", ru="Детали заказчика"), {}
    return Leaf(
        group="material",
        code="material",
        label=label,
        formula=plan.material_formula,
        amount=amount,
        features=((None, amount),),
        is_work=False,
        is_step=False,
        inputs={
            "volume_per_piece": (plan.stock_volume_mm3, "mm3"),
            "mass_per_piece": (plan.mass_kg, "kg"),
            **plan.material_inputs,
        },
        parts=parts,
        rates=rates,
        rows=(f"material/{job.material.id}", *plan.material_rows, f"location/{choices.location.id}"),
    )


def _work(plan: Plan, choices: Choices, *, by_rules: bool) -> list[Graded]:
    """The steps in selling amounts before any option, each with whether tolerance and finish act on it."""
    wage, location = choices.location.price_of_hour, choices.location
    paid = sum((step.piece_hours for step in plan.steps if step.price_of_hour is None), ZERO) * wage
    correction = paid.quantize(WORK_PLACES) / paid if by_rules and paid else ONE
    rates: Inputs = {"price_of_hour": (wage, "1/h"), "complexity": (plan.complexity, "1")}
    by_hand = _Hourly(wage * plan.complexity, correction, labour_parts(location), rates)
    leaves = []
    for step in plan.steps:
        hourly = by_hand
        if step.price_of_hour is not None:
            hourly = _by_machine(step.price_of_hour, location)
        graded = choices.process.graded and (step.graded or by_rules)
        leaves.append((_step(step, hourly, location.id), graded))
    return leaves


@dataclass(frozen=True, slots=True)
class _Hourly:
    """What an hour costs; ``correction`` rounds the wage of a piece as the rules do."""

    cost: Decimal
    correction: Decimal
    parts: Parts
    rates: Inputs


def _by_machine(price_of_hour: Decimal, location: Location) -> _Hourly:
    return _Hourly(price_of_hour, ONE, machine_parts(location), {"price_of_hour": (price_of_hour, "1/h")})


def _step(step: Step, hourly: _Hourly, location_id: str) -> Leaf:
    hours = Amount(step.piece_hours, step.batch_hours, step.order_hours)
    price = hourly.cost * price_factor(hourly.parts)
    amount = Amount(
        hours.per_piece * price * hourly.correction, hours.per_batch * price, hours.per_order * price
    )
    return Leaf(
        group=step.group,
        code=step.code,
        label=step.label,
        formula=step.formula,
        amount=amount,
        features=((step.feature_id, amount),),
        inputs=step.inputs,
        hours=hours,
        parts=hourly.parts,
        rates={**hourly.rates, **step.data},
        rows=(*step.rows, f"location/{location_id}"),
    )


def _charge(charge: Charge, choices: Choices) -> Leaf:
    cost_parts = material_parts if charge.is_material else charge_parts
    parts = PRICE if charge.is_price else cost_parts(choices.location)
    amount = Amount(charge.per_piece, charge.per_batch, charge.per_order).times(price_factor(parts))
    return Leaf(
        group=charge.group,
        code=charge.code,
        label=charge.label,
        formula=charge.formula,
        amount=amount,
        features=((charge.feature_id, amount),),
        is_work=charge.is_work,
        is_step=False,
        inputs=charge.inputs,
        parts=parts,
        rows=charge.rows,
    )


def _with_options(work: Sequence[Graded], choices: Choices) -> list[Leaf]:
    """Applies the factors one after the other; each surcharge stands on what is there before it."""
    leaves = list(work)
    if choices.process.graded:
        leaves = _apply("tolerance", choices.tolerance, leaves, rows=(row_name(choices.tolerance),))
        leaves = _apply("finishing", choices.finish, leaves, rows=(row_name(choices.finish),))
    for cover in choices.covers:
        leaves = _apply("covers", cover, _all(leaves), rows=(row_name(cover),), always=True)
    control = _apply("control", choices.control, _all(leaves), rows=(row_name(choices.control),))
    return [leaf for leaf, _ in control]


def _all(leaves: Iterable[Graded]) -> list[Graded]:
    return [(leaf, True) for leaf, _ in leaves]


def _apply(
    group: str, option: Option, leaves: list[Graded], *, rows: tuple[str, ...], always: bool = False
) -> list[Graded]:
    """A factor up to one scales the work, what is above one is a leaf (``always``: even a leaf of zero)."""
    down, up = min(ONE, option.factor), max(ONE, option.factor) - ONE
    scaled = [(_scaled(leaf, down) if touched else leaf, touched) for leaf, touched in leaves]
    if not up and not always:
        return scaled
    concerned = [leaf for leaf, touched in scaled if touched]
    surcharge = Leaf(
        group=group,
        code=option.id,
        label=option.label,
        formula="surcharge on the working time it concerns",
        amount=_sum(leaf.amount for leaf in concerned).times(up),
        features=_shares(concerned, up),
        hours=_sum(leaf.hours for leaf in concerned if leaf.is_step),
        is_step=False,
        parts=concerned[0].parts if concerned else PRICE,
        rates={"factor": (option.factor, "1")},
        rows=rows,
    )
    return [*scaled, (surcharge, True)]


def _scaled(leaf: Leaf, factor: Decimal) -> Leaf:
    if factor == ONE:
        return leaf
    features = tuple((feature_id, amount.times(factor)) for feature_id, amount in leaf.features)
    return replace(leaf, amount=leaf.amount.times(factor), features=features)


def _sum(amounts: Iterable[Amount]) -> Amount:
    total = NOTHING
    for amount in amounts:
        total = total.plus(amount)
    return total


def _shares(leaves: Iterable[Leaf], factor: Decimal) -> tuple[tuple[str | None, Amount], ...]:
    """How much of a surcharge falls on which feature."""
    shares: dict[str | None, Amount] = {}
    for leaf in leaves:
        for feature_id, amount in leaf.features:
            shares[feature_id] = shares.get(feature_id, NOTHING).plus(amount)
    return tuple((feature_id, amount.times(factor)) for feature_id, amount in shares.items())


def _certificates(choices: Choices) -> list[Leaf]:
    return [
        Leaf(
            group="certificates",
            code=paper.id,
            label=paper.label,
            formula="once per order",
            amount=Amount(per_order=paper.cost),
            features=((None, Amount(per_order=paper.cost)),),
            is_work=False,
            is_step=False,
            rows=(f"certificate/{paper.id}",),
        )
        for paper in choices.certificates
    ]
