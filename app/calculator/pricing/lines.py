"""The leaves of a price as the tree a customer sees: amounts and physical quantities, no rates.

The name of an input says what it is for: ``_per_piece``, ``_per_batch``, or without either ending the whole
quantity. Counts have the counted thing as their unit ("holes", "setups"). ``time`` stands on steps only and
adds up to ``hours`` of the price; what a surcharge concerns is its ``applies_to_time``.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from app.calculator.pricing.leaf import PRICE, Leaf
from app.calculator.pricing.overheads import Parts, price_factor
from app.calculator.pricing.review import OPTIONAL_GROUPS
from app.calculator.pricing.rounding import allocate, shown_hours
from app.calculator.pricing.tree import Quote
from app.calculator.processes.base import ONE, ZERO
from app.contract.base import Text, unchecked
from app.contract.pricing import CostLine, FeatureShare, Figure, Hours

GROUPS = {
    "material": Text(en="Material", ru="Материал"),
    "setup": Text(en="Set-up", ru="Наладка"),
    "machining": Text(en="Machining", ru="Обработка"),
    "tolerance": Text(en="Tolerance", ru="Точность"),
    "finishing": Text(en="Finishing", ru="Чистовая обработка"),
    "covers": Text(en="Covers", ru="Покрытия"),
    "control": Text(en="Control", ru="Контроль"),
    "equipment": Text(en="Special equipment", ru="Специальная оснастка"),
    "rush": Text(en="Delivery time", ru="Срок изготовления"),
    "certificates": Text(en="Certificates", ru="Сертификаты"),
    "minimum": Text(en="Minimum price", ru="Минимальная стоимость заказа"),
}
"""Top lines in the order they are shown."""
SURCHARGES = frozenset({"tolerance", "finishing", "control", "rush"})
PARTS = {
    "purchase": Text(en="Purchase price", ru="Закупка"),
    "machine": Text(en="Machine", ru="Работа оборудования"),
    "wage": Text(en="Wage", ru="Основная зарплата"),
    "extra-salary": Text(en="Extra salary", ru="Дополнительная зарплата"),
    "insurance": Text(en="Insurance contributions", ru="Страховые взносы"),
    "overhead": Text(en="Overheads", ru="Накладные расходы"),
    "administrative": Text(en="Administration", ru="Общехозяйственные расходы"),
    "profit": Text(en="Profit", ru="Прибыль"),
    "price": Text(en="Price", ru="Цена"),
}
"""What the lines of the cost view are made of."""
SHARE_PLACES = 6
FIGURE_PLACES = 4
FINER_PLACES = {"kg": 7, "1": 6}
"""Of units whose small figures are multiplied by large ones."""
NO_MONEY = Decimal("0.00")
PLACE_OF = {group: place for place, group in enumerate(GROUPS)}
MOST_FIGURES = 4096
"""Figures that are remembered: most of a price are those of the one before."""

_cost_line, _feature_share = unchecked(CostLine), unchecked(FeatureShare)
_figure, _text = unchecked(Figure), unchecked(Text)


class Lines:
    """The trees of one price at one quantity."""

    def __init__(self, quote: Quote, quantity: int) -> None:
        self.quote = quote
        self.quantity = quantity
        self.total = quote.total(quantity)
        self.batches = quote.batches(quantity)
        self.work_factor = quote.work_factor(quantity, self.total)
        self.pieces = figure(quantity, "pieces")
        amounts = quote.amounts(quantity, self.total, self.work_factor)
        self.priced = sorted(amounts, key=lambda pair: PLACE_OF[pair[0].group])
        self._hours: dict[int, Decimal] = {}

    def selling(self) -> tuple[CostLine, ...]:
        """Top lines that sum exactly to the total; below a line stands what falls on which feature."""
        return tuple(self._grouped(costs=False))

    def costs(self) -> tuple[CostLine, ...]:
        """The same lines, and below them what they consist of, down to wage and purchase price."""
        return tuple(self._grouped(costs=True))

    def by_feature(self) -> tuple[FeatureShare, ...]:
        """What every feature costs; all of them sum exactly to the total. The part itself comes first."""
        amounts: dict[str | None, Decimal] = {None: NO_MONEY}
        for leaf, amount in self.priced:
            for feature_id, share in self._split(leaf, amount):
                amounts[feature_id] = amounts.get(feature_id, NO_MONEY) + share
        return tuple(
            _feature_share(feature_id=feature_id, amount=amount, share=self._share(amount))
            for feature_id, amount in amounts.items()
        )

    def hours(self) -> Hours:
        """What the times of the steps' lines sum up to, for the whole quantity."""
        groups = dict.fromkeys(("setup", "machining", "finishing"), ZERO)
        for leaf in self.quote.leaves:
            if leaf.is_step:
                groups[leaf.group if leaf.group in groups else "setup"] += self._hours_of(leaf)
        total = sum(groups.values(), ZERO)
        return Hours(**{group: float(hours) for group, hours in groups.items()}, total=float(total))

    def _grouped(self, *, costs: bool) -> Iterator[CostLine]:
        for group, pairs in groupby(self.priced, key=lambda pair: pair[0].group):
            members = list(pairs)
            children = [self._line(leaf, amount, costs=costs) for leaf, amount in members]
            if len(children) == 1 and group not in OPTIONAL_GROUPS:
                yield _alone(group, members[0][0], children[0])
            else:
                yield self._parent(group, children)

    def _parent(self, group: str, children: list[CostLine]) -> CostLine:
        amount = _sum(children)
        return _cost_line(
            code=group,
            label=GROUPS[group],
            amount=amount,
            formula="sum of its lines",
            inputs={},
            share=self._share(amount),
            children=tuple(children),
        )

    def _line(self, leaf: Leaf, amount: Decimal, *, costs: bool) -> CostLine:
        """A leaf; the lines below it sum exactly to its amount."""
        inputs, features, rows = self._inputs(leaf), leaf.features, leaf.rows
        if costs:
            inputs |= {name: figure(value, unit) for name, (value, unit) in leaf.rates.items()}
            if leaf.is_work and leaf.amount.per_piece and self.work_factor != ONE:
                inputs["quantity_factor"] = figure(self.work_factor, "1")
                rows += (self.quote.band(self.quantity).full_key,)
        return _cost_line(
            code=leaf.code,
            label=leaf.label,
            amount=amount,
            formula=leaf.formula,
            inputs=inputs,
            share=self._share(amount),
            feature_id=features[0][0] if len(features) == 1 else None,
            rows=rows if costs else (),
            children=self._parts_below(leaf, amount) if costs else self._features_below(leaf, amount),
        )

    def _split(self, leaf: Leaf, amount: Decimal) -> list[tuple[str | None, Decimal]]:
        """An amount among the features it falls on."""
        if len(leaf.features) == 1:
            return [(leaf.features[0][0], amount)]
        parts = allocate(self.quote.weights(leaf, self.quantity), amount)
        return [(feature_id, part) for (feature_id, _), part in zip(leaf.features, parts, strict=True)]

    def _features_below(self, leaf: Leaf, amount: Decimal) -> tuple[CostLine, ...]:
        if len(leaf.features) == 1:
            return ()
        return tuple(
            _cost_line(
                code=leaf.code,
                label=leaf.label,
                amount=part,
                formula="what falls on this feature" if feature_id else "what falls on the part itself",
                inputs={},
                share=self._share(part),
                feature_id=feature_id,
            )
            for feature_id, part in self._split(leaf, amount)
        )

    def _parts_below(self, leaf: Leaf, amount: Decimal) -> tuple[CostLine, ...]:
        parts = self._shares_on(leaf) if leaf.on else leaf.parts
        amounts = allocate([share for _, share in parts], amount)
        return tuple(
            _cost_line(
                code=code,
                label=PARTS[code],
                amount=part,
                formula="its share of the amount",
                inputs={"share_of_amount" if leaf.on else "share_of_base": figure(share, "1")},
                share=self._share(part),
            )
            for (code, share), part in zip(parts, amounts, strict=True)
        )

    def _shares_on(self, surcharge: Leaf) -> Parts:
        """Of what a surcharge consists: of what the leaves consist that it stands on."""
        shares = dict.fromkeys(PARTS, ZERO)
        whole = sum((self._at(leaf) for leaf in surcharge.on), ZERO)
        for leaf in surcharge.on:
            parts = self._shares_on(leaf) if leaf.on else leaf.parts
            scale = self._at(leaf) / whole / price_factor(parts) if whole else ZERO
            for code, share in parts:
                shares[code] += scale * share
        return tuple((code, share) for code, share in shares.items() if share) or PRICE

    def _at(self, leaf: Leaf) -> Decimal:
        return leaf.amount.at(self.quantity, self.batches)

    def _inputs(self, leaf: Leaf) -> dict[str, Figure]:
        """The leaf's own figures, then those of the whole quantity."""
        inputs = {name: figure(value, unit) for name, (value, unit) in leaf.inputs.items()}
        inputs["quantity"] = self.pieces
        hours = self._hours_of(leaf)
        if hours:
            inputs["time" if leaf.is_step else "applies_to_time"] = figure(hours, "h")
        if self.quote.pieces_per_batch is not None and (leaf.hours.per_batch or leaf.amount.per_batch):
            name = self.quote.batch_name
            inputs[name] = figure(self.batches, name)
        return inputs

    def _hours_of(self, leaf: Leaf) -> Decimal:
        """Of the whole quantity, asked for by several views of the same leaf."""
        hours = self._hours.get(id(leaf))
        if hours is None:
            hours = shown_hours(leaf.hours.at(self.quantity, self.batches))
            self._hours[id(leaf)] = hours
        return hours

    def _share(self, amount: Decimal) -> float:
        return round(float(amount / self.total), SHARE_PLACES) if self.total else 0.0


def _alone(group: str, leaf: Leaf, line: CostLine) -> CostLine:
    """A leaf that is its whole group stands for it; a surcharge then says what it is a surcharge for."""
    label, name = leaf.label, GROUPS[group]
    if leaf.group in SURCHARGES and not leaf.is_step:
        label = _text(en=f"{name.en}: {label.en}", ru=f"{name.ru}: {label.ru}")
    return line.model_copy(update={"code": group, "label": label})


def _sum(lines: Iterable[CostLine]) -> Decimal:
    return sum((line.amount for line in lines), NO_MONEY)


@lru_cache(maxsize=MOST_FIGURES)
def figure(value: Decimal | int, unit: str) -> Figure:
    """A physical quantity as it is shown."""
    return _figure(value=round(float(value), FINER_PLACES.get(unit, FIGURE_PLACES)), unit=unit)
