"""The price as leaves that are linear in quantity.

Work of a piece = hours x wage x complexity; tolerance, finish, covers and control are factors on it. A factor
below one makes the work itself cheaper, one above it makes a line of its own, so no line is ever negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Option
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.overheads import labour_price_factor, material_price_factor
from app.calculator.pricing.quantity import band_of, never_falling
from app.calculator.pricing.rounding import WORK_PLACES, allocate, cents, shown_hours
from app.calculator.processes.base import ONE, ZERO, Inputs, Job, Plan
from app.contract.base import Text


@dataclass(frozen=True, slots=True)
class Leaf:
    """A selling amount: ``per_piece`` x pieces + ``per_batch`` x batches + ``per_order``.

    Only work (not material and papers) takes part in the quantity bands. The hours are those of the step
    itself or, for a surcharge (``is_step`` false), of the work it concerns.
    """

    group: str
    code: str
    label: Text
    formula: str
    is_work: bool = True
    is_step: bool = True
    per_piece: Decimal = ZERO
    per_batch: Decimal = ZERO
    per_order: Decimal = ZERO
    inputs: Inputs = field(default_factory=dict)
    piece_hours: Decimal = ZERO
    batch_hours: Decimal = ZERO


_Graded = tuple[Leaf, bool]
"""A leaf, and whether tolerance and finish act on it."""


@dataclass(frozen=True)
class Quote:
    """A plan in money: leaves for any quantity; sums are made once so that breaks cost nothing.

    ``by_rules``: the price of a piece is rounded to 0.01 before it is multiplied, and the quantity bands make
    work cheaper; a price from features has batches instead, which are the real cause of cheaper pieces.
    """

    catalog: Catalog
    leaves: tuple[Leaf, ...]
    by_rules: bool
    pieces_per_batch: int | None
    per_piece_material: Decimal
    per_piece_work: Decimal
    per_batch: Decimal
    per_order: Decimal

    def batches(self, quantity: int) -> int:
        """How many batches the quantity takes."""
        return 1 if self.pieces_per_batch is None else -(-quantity // self.pieces_per_batch)

    def hours(self, leaf: Leaf, quantity: int) -> Decimal:
        """The hours of a leaf for the whole quantity, as they are shown."""
        return shown_hours(leaf.piece_hours * quantity + leaf.batch_hours * self.batches(quantity))

    def band_factor(self, quantity: int) -> Decimal:
        """The factor of the quantity band on work."""
        return band_of(quantity, self.catalog.bands).factor if self.by_rules else ONE

    def uncapped(self, quantity: int) -> Decimal:
        """The total as its formula gives it; it falls where a band begins."""
        if self.by_rules:
            piece = cents(self.per_piece_material + self.per_piece_work * self.band_factor(quantity))
            return cents(piece * quantity + self.per_order)
        piece = self.per_piece_material + self.per_piece_work
        return cents(piece * quantity + self.per_batch * self.batches(quantity) + self.per_order)

    def total(self, quantity: int) -> Decimal:
        """The total, never above that of any larger quantity."""
        if not self.by_rules:
            return self.uncapped(quantity)
        return never_falling(self.uncapped, quantity, self.catalog.bands)

    def amounts(self, quantity: int) -> list[Decimal]:
        """The amounts of the leaves: two decimals each, exactly the total together."""
        band, batches = self.band_factor(quantity), self.batches(quantity)
        weights = [
            (leaf.per_piece * quantity + leaf.per_batch * batches) * (band if leaf.is_work else ONE)
            + leaf.per_order
            for leaf in self.leaves
        ]
        return allocate(weights, self.total(quantity))


def quote_of(plan: Plan, job: Job, choices: Choices, catalog: Catalog) -> Quote:
    """The plan in selling amounts at the chosen location."""
    by_rules = job.part.measured is None
    material = _material(plan, job, choices, catalog, by_rules=by_rules)
    work = _with_options(_work(plan, choices, by_rules=by_rules), choices)
    papers = _certificates(choices)
    return Quote(
        catalog=catalog,
        leaves=(material, *work, *papers),
        by_rules=by_rules,
        pieces_per_batch=plan.pieces_per_batch,
        per_piece_material=material.per_piece,
        per_piece_work=sum((leaf.per_piece for leaf in work), ZERO),
        per_batch=sum((leaf.per_batch for leaf in work), ZERO),
        per_order=sum((leaf.per_order for leaf in papers), ZERO),
    )


def _material(plan: Plan, job: Job, choices: Choices, catalog: Catalog, *, by_rules: bool) -> Leaf:
    price_per_kg = job.form.price_per_kg
    assert price_per_kg is not None
    waste = catalog.shop.material_factor if by_rules else ONE
    cost = cents(plan.mass_kg * price_per_kg * waste)
    return Leaf(
        group="material",
        code="material",
        label=Text(en="Material", ru="Материал"),
        formula=plan.material_formula,
        is_work=False,
        is_step=False,
        per_piece=cost * material_price_factor(choices.location),
        inputs={
            "volume_per_piece": (plan.stock_volume_mm3, "mm3"),
            "mass_per_piece": (plan.mass_kg, "kg"),
        },
    )


def _work(plan: Plan, choices: Choices, *, by_rules: bool) -> list[_Graded]:
    """The steps in selling amounts before any option, each with whether tolerance and finish act on it."""
    wage, factor = choices.location.price_of_hour, labour_price_factor(choices.location) * plan.complexity
    exact = sum((step.piece_hours for step in plan.steps), ZERO) * wage
    correction = exact.quantize(WORK_PLACES) / exact if by_rules and exact else ONE
    return [
        (
            Leaf(
                group=step.group,
                code=step.code,
                label=step.label,
                formula=step.formula,
                per_piece=step.piece_hours * wage * correction * factor,
                per_batch=step.batch_hours * wage * factor,
                inputs=step.inputs,
                piece_hours=step.piece_hours,
                batch_hours=step.batch_hours,
            ),
            choices.process.graded and (step.graded or by_rules),
        )
        for step in plan.steps
    ]


def _with_options(work: Sequence[_Graded], choices: Choices) -> list[Leaf]:
    """Applies the factors one after the other; each surcharge stands on what is there before it."""
    leaves = list(work)
    if choices.process.graded:
        leaves = _apply("tolerance", choices.tolerance, leaves, only_graded=True)
        leaves = _apply("finishing", choices.finish, leaves, only_graded=True)
    for cover in choices.covers:
        leaves = _apply("covers", cover, leaves, always=True)
    return [leaf for leaf, _ in _apply("control", choices.control, leaves)]


def _apply(
    group: str, option: Option, leaves: list[_Graded], *, only_graded: bool = False, always: bool = False
) -> list[_Graded]:
    """A factor up to one scales the work, what is above one is a leaf (``always``: even a leaf of zero)."""
    down, up = min(ONE, option.factor), max(ONE, option.factor) - ONE
    scaled = [(_scaled(leaf, down) if graded or not only_graded else leaf, graded) for leaf, graded in leaves]
    touched = [leaf for leaf, graded in scaled if graded or not only_graded]
    if not up and not always:
        return scaled
    surcharge = Leaf(
        group=group,
        code=option.id,
        label=option.label,
        formula="surcharge on the working time it concerns",
        per_piece=sum((leaf.per_piece for leaf in touched), ZERO) * up,
        per_batch=sum((leaf.per_batch for leaf in touched), ZERO) * up,
        piece_hours=sum((leaf.piece_hours for leaf in touched if leaf.is_step), ZERO),
        batch_hours=sum((leaf.batch_hours for leaf in touched if leaf.is_step), ZERO),
        is_step=False,
    )
    return [*scaled, (surcharge, True)]


def _scaled(leaf: Leaf, factor: Decimal) -> Leaf:
    if factor == ONE:
        return leaf
    return replace(leaf, per_piece=leaf.per_piece * factor, per_batch=leaf.per_batch * factor)


def _certificates(choices: Choices) -> list[Leaf]:
    return [
        Leaf(
            group="certificates",
            code=paper.id,
            label=paper.label,
            formula="once per order",
            is_work=False,
            is_step=False,
            per_order=paper.cost,
        )
        for paper in choices.certificates
    ]
