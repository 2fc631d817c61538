"""A price for any quantity: leaves, their sums, and totals that never fall."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import LeadTimeOption, QuantityBand
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.leaf import Amount, Leaf, sum_of
from app.calculator.pricing.leaves import leaves_of
from app.calculator.pricing.quantity import band_of, never_falling
from app.calculator.pricing.rounding import allocate, cents
from app.calculator.pricing.surcharges import hastened
from app.calculator.processes.base import ONE, ZERO, Job, Plan
from app.contract.base import Text

TOP_UP = Text(en="Minimum price", ru="Минимальная стоимость заказа")


@dataclass(frozen=True)
class Quote:
    """A plan in money: leaves for any quantity; sums are made once so that breaks cost nothing.

    ``by_rules``: the price of a piece is rounded to 0.01 before it is multiplied, and the quantity bands make
    work cheaper; a price from features has batches instead, which are the real cause of cheaper pieces.
    ``minimum`` is what an order costs at least, by its row of the catalogue.
    """

    catalog: Catalog
    leaves: tuple[Leaf, ...]
    by_rules: bool
    pieces_per_batch: int | None
    batch_name: str
    minimum: Decimal
    minimum_row: str

    @cached_property
    def _work(self) -> Amount:
        return sum_of(leaf.amount for leaf in self.leaves if leaf.is_work)

    @cached_property
    def _rest(self) -> Amount:
        return sum_of(leaf.amount for leaf in self.leaves if not leaf.is_work)

    def hastened(self, option: LeadTimeOption) -> "Quote":
        """The same with a delivery option."""
        if option.factor == ONE:
            return self
        return replace(self, leaves=hastened(self.leaves, option))

    def batches(self, quantity: int) -> int:
        """How many batches the quantity takes."""
        return 1 if self.pieces_per_batch is None else -(-quantity // self.pieces_per_batch)

    def band_factor(self, quantity: int) -> Decimal:
        """The factor of the quantity band on work."""
        return self.band(quantity).factor if self.by_rules else ONE

    def band(self, quantity: int) -> QuantityBand:
        """The quantity band."""
        return band_of(quantity, self.catalog.bands)

    def work_factor(self, quantity: int, total: Decimal) -> Decimal:
        """What is on the work of each piece of a total: the factor of the quantity band.

        Where a larger quantity would cost less it is so much lower that this one costs the same.
        """
        if not self.by_rules or total >= self.uncapped(quantity):
            return self.band_factor(quantity)
        rest, work, batches = self._rest, self._work, self.batches(quantity)
        fixed = rest.at(quantity, batches) + work.per_batch * batches + work.per_order
        return (total - fixed) / (work.per_piece * quantity)

    def uncapped(self, quantity: int, haste: Decimal = ONE) -> Decimal:
        """The total before it is kept from falling where a band begins; at least the minimum."""
        return max(self.without_minimum(quantity, haste), self.minimum)

    def without_minimum(self, quantity: int, haste: Decimal = ONE) -> Decimal:
        """The total as its formula gives it, with a factor on all work."""
        work, rest = self._work, self._rest
        piece = rest.per_piece + work.per_piece * self.band_factor(quantity) * haste
        if self.by_rules:
            piece = cents(piece)
        batch = rest.per_batch + work.per_batch * haste
        return cents(
            piece * quantity + batch * self.batches(quantity) + rest.per_order + work.per_order * haste
        )

    def total(self, quantity: int, haste: Decimal = ONE) -> Decimal:
        """The total, never above that of any larger quantity."""
        if not self.by_rules:
            return self.uncapped(quantity, haste)
        edges = self._at_edges(haste)
        return never_falling(
            lambda count: edges.get(count) or self.uncapped(count, haste), quantity, self.catalog.bands
        )

    def _at_edges(self, haste: Decimal) -> Mapping[int, Decimal]:
        """The totals where bands begin, with which every other is compared."""
        found = self._edges.get(haste)
        if found is None:
            found = {band.first: self.uncapped(band.first, haste) for band in self.catalog.bands}
            self._edges[haste] = found
        return found

    @cached_property
    def _edges(self) -> dict[Decimal, Mapping[int, Decimal]]:
        return {}

    def weights(self, leaf: Leaf, quantity: int) -> list[Decimal]:
        """How much of a leaf falls on each of its features."""
        batches = self.batches(quantity)
        return [amount.at(quantity, batches) for _, amount in leaf.features]

    def amounts(self, quantity: int, total: Decimal, factor: Decimal) -> list[tuple[Leaf, Decimal]]:
        """The leaves with their amounts: two decimals each, exactly the total of the quantity together.

        ``factor`` is that of `work_factor`.
        """
        batches = self.batches(quantity)
        leaves = [*self.leaves]
        weights = [
            leaf.amount.per_piece * quantity * (factor if leaf.is_work else ONE)
            + leaf.amount.per_batch * batches
            + leaf.amount.per_order
            for leaf in leaves
        ]
        missing = self.minimum - sum(weights, ZERO)
        if missing > 0:
            leaves.append(_top_up(missing, self.minimum_row))
            weights.append(missing)
        return list(zip(leaves, allocate(weights, total), strict=True))


def quote_of(plan: Plan, job: Job, choices: Choices, catalog: Catalog) -> Quote:
    """The plan in selling amounts, at the standard time."""
    leaves = leaves_of(plan, job, choices, catalog)
    minimum, row = _minimum(plan, choices, catalog)
    return Quote(
        catalog, leaves, job.part.measured is None, plan.pieces_per_batch, plan.batches, minimum, row
    )


def _minimum(plan: Plan, choices: Choices, catalog: Catalog) -> tuple[Decimal, str]:
    """That of the shop or of the process, whichever is more."""
    shop = catalog.shop
    if plan.minimum_per_order > shop.minimum_price:
        known = catalog.known_in(choices.process.tables(choices.params))
        return cents(plan.minimum_per_order), known["minimum_per_order"].row
    return cents(shop.minimum_price), shop.full_key


def _top_up(missing: Decimal, row: str) -> Leaf:
    amount = Amount(per_order=missing)
    return Leaf(
        group="minimum",
        code="minimum",
        label=TOP_UP,
        formula="what is missing to the least an order costs",
        amount=amount,
        features=((None, amount),),
        is_work=False,
        is_step=False,
        rows=(row,),
    )
