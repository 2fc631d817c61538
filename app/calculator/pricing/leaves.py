"""The leaves of a plan: work is hours x wage x complexity; material; charges."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.calculator.catalog.catalog import Catalog, Known, KnownFigure
from app.calculator.catalog.rows import Location
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.leaf import PRICE, Amount, Leaf
from app.calculator.pricing.overheads import (
    Parts,
    charge_parts,
    labour_parts,
    machine_parts,
    material_parts,
    price_factor,
)
from app.calculator.pricing.rounding import WORK_PLACES, cents
from app.calculator.pricing.surcharges import Graded, with_options
from app.calculator.processes.base import ONE, ZERO, Charge, Inputs, Job, Plan, Step
from app.contract.base import Text


def leaves_of(plan: Plan, job: Job, choices: Choices, catalog: Catalog) -> tuple[Leaf, ...]:
    """The plan in selling amounts at the chosen location, options and papers included, haste not."""
    by_rules = job.part.measured is None
    known = catalog.known_in(choices.process.tables(choices.params))
    charged = [_charge(charge, choices, known) for charge in plan.charges]
    work = [
        *_work(plan, choices, known, by_rules=by_rules),
        *((leaf, False) for leaf in charged if leaf.is_work),
    ]
    return (
        _material(plan, job, choices, catalog, by_rules=by_rules),
        *with_options(work, choices),
        *(leaf for leaf in charged if not leaf.is_work),
        *_certificates(choices),
    )


def _material(plan: Plan, job: Job, choices: Choices, catalog: Catalog, *, by_rules: bool) -> Leaf:
    cost = material_cost(plan, job, catalog, by_rules=by_rules)
    parts = material_parts(choices.location)
    amount = Amount(per_piece=cost * price_factor(parts))
    rates: dict[str, tuple[Decimal | int, str]] = {
        "price_per_kg": (job.form.price_per_kg or ZERO, f"{catalog.shop.currency}/kg")
    }
    if by_rules:
        rates["waste_factor"] = (_waste(plan, catalog, by_rules=by_rules), "1")
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


def material_cost(plan: Plan, job: Job, catalog: Catalog, *, by_rules: bool) -> Decimal:
    """What the material of a piece is bought for; nothing where the customer supplies the parts.

    The rules round it by the piece, the price of a measured part only where the lot is summed.
    """
    price_per_kg = job.form.price_per_kg
    assert price_per_kg is not None
    if plan.supplied:
        return ZERO
    cost = plan.mass_kg * price_per_kg * _waste(plan, catalog, by_rules=by_rules)
    return cents(cost) if by_rules else cost


def _waste(plan: Plan, catalog: Catalog, *, by_rules: bool) -> Decimal:
    """Waste and handling, where the volume does not hold its waste already."""
    return catalog.shop.material_factor if by_rules and not plan.waste_included else ONE


def _work(plan: Plan, choices: Choices, known: Known, *, by_rules: bool) -> list[Graded]:
    """The steps in selling amounts before any option, each with whether tolerance and finish act on it."""
    wage, location = choices.location.price_of_hour, choices.location
    paid = sum((step.piece_hours for step in plan.steps if step.hour_figure is None), ZERO) * wage
    correction = paid.quantize(WORK_PLACES) / paid if by_rules and paid else ONE
    rates: Inputs = {"price_of_hour": (wage, "1/h"), "complexity": (plan.complexity, "1")}
    parts = labour_parts(location)
    by_hand = _Hourly(wage * plan.complexity * price_factor(parts), correction, parts, rates, ())
    leaves = []
    for step in plan.steps:
        hourly = by_hand
        if step.hour_figure is not None:
            hourly = _by_machine(known[step.hour_figure], location)
        graded = choices.process.graded and (step.graded or (by_rules and step.group != "equipment"))
        leaves.append((_step(step, hourly, location.id, known), graded))
    return leaves


@dataclass(frozen=True, slots=True)
class _Hourly:
    """What an hour is sold for, and the row of its figure, if it is not the wage of the location.

    ``correction`` rounds the wage of a piece as the rules do.
    """

    price: Decimal
    correction: Decimal
    parts: Parts
    rates: Inputs
    rows: tuple[str, ...]


def _by_machine(price: KnownFigure, location: Location) -> _Hourly:
    parts, rates = machine_parts(location), {"price_of_hour": (price.value, price.unit)}
    return _Hourly(price.value * price_factor(parts), ONE, parts, rates, (price.row,))


def _step(step: Step, hourly: _Hourly, location_id: str, known: Known) -> Leaf:
    hours = Amount(step.piece_hours, step.batch_hours, step.order_hours)
    price = hourly.price * step.hour_factor
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
        rates=_rates(step, hourly, known),
        rows=(*step.rows, *_rows(step.figures, known), *hourly.rows, f"location/{location_id}"),
    )


def _rates(step: Step, hourly: _Hourly, known: Known) -> Inputs:
    """The figures of the catalogue behind a step."""
    rates = hourly.rates
    if step.hour_factor != ONE:
        rates = {**rates, "hour_factor": (step.hour_factor, "1")}
    if step.figures or step.data:
        rates = {**rates, **_values(step.figures, known), **step.data}
    return rates


def _rows(names: Iterable[str], known: Known) -> tuple[str, ...]:
    return tuple(known[name].row for name in names)


def _values(names: Iterable[str], known: Known) -> Inputs:
    return {name: (known[name].value, known[name].unit) for name in names}


def _charge(charge: Charge, choices: Choices, known: Known) -> Leaf:
    cost_parts = material_parts if charge.is_material else charge_parts
    location = (f"location/{choices.location.id}",)
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
        rates={**_values(charge.figures, known), **charge.data},
        rows=(*charge.rows, *_rows(charge.figures, known), *(() if charge.is_price else location)),
    )


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
