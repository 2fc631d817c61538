"""The leaves of a price as the tree a customer sees: amounts and physical quantities, no rates.

The name of an input says what it is for: ``_per_piece``, ``_per_batch``, or without either ending the whole
quantity. Counts have the counted thing as their unit ("holes", "setups"). ``time`` stands on steps only and
adds up to ``hours`` of the price; what a surcharge concerns is its ``applies_to_time``.
"""

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby

from app.calculator.pricing.review import OPTIONAL_GROUPS
from app.calculator.pricing.tree import Leaf, Quote
from app.calculator.processes.base import ZERO
from app.contract.base import Text
from app.contract.pricing import CostLine, Figure, Hours

GROUPS = {
    "material": Text(en="Material", ru="Материал"),
    "setup": Text(en="Set-up", ru="Наладка"),
    "machining": Text(en="Machining", ru="Обработка"),
    "tolerance": Text(en="Tolerance", ru="Точность"),
    "finishing": Text(en="Finishing", ru="Чистовая обработка"),
    "covers": Text(en="Covers", ru="Покрытия"),
    "control": Text(en="Control", ru="Контроль"),
    "certificates": Text(en="Certificates", ru="Сертификаты"),
}
"""Top lines in the order they are shown."""
SURCHARGES = frozenset({"tolerance", "finishing", "control"})
SHARE_PLACES = 6
FIGURE_PLACES = 4


def lines_of(quote: Quote, quantity: int) -> tuple[CostLine, ...]:
    """Top lines that sum exactly to the total; what stands below a line sums exactly to it."""
    total = quote.total(quantity)
    order = list(GROUPS)
    priced = sorted(
        zip(quote.leaves, quote.amounts(quantity), strict=True), key=lambda pair: order.index(pair[0].group)
    )
    lines: list[CostLine] = []
    for group, pairs in groupby(priced, key=lambda pair: pair[0].group):
        members = list(pairs)
        children = [_line(leaf, amount, quote, quantity, total) for leaf, amount in members]
        if len(children) == 1 and group not in OPTIONAL_GROUPS:
            lines.append(_alone(group, members[0][0], children[0]))
        else:
            lines.append(_parent(group, children, total))
    return tuple(lines)


def hours_of(quote: Quote, quantity: int) -> Hours:
    """What the times of the steps' lines sum up to, for the whole quantity."""
    groups = dict.fromkeys(("setup", "machining", "finishing"), ZERO)
    for leaf in quote.leaves:
        if leaf.is_step:
            groups[leaf.group] += quote.hours(leaf, quantity)
    total = sum(groups.values(), ZERO)
    return Hours(**{group: float(hours) for group, hours in groups.items()}, total=float(total))


def _alone(group: str, leaf: Leaf, line: CostLine) -> CostLine:
    """A leaf that is its whole group stands for it; a surcharge then says what it is a surcharge for."""
    label, name = leaf.label, GROUPS[group]
    if leaf.group in SURCHARGES and not leaf.is_step:
        label = Text(en=f"{name.en}: {label.en}", ru=f"{name.ru}: {label.ru}")
    return line.model_copy(update={"code": group, "label": label})


def _parent(group: str, children: list[CostLine], total: Decimal) -> CostLine:
    amount = sum((child.amount for child in children), Decimal("0.00"))
    return CostLine(
        code=group,
        label=GROUPS[group],
        amount=amount,
        formula="sum of its lines",
        share=_share(amount, total),
        children=tuple(children),
    )


def _line(leaf: Leaf, amount: Decimal, quote: Quote, quantity: int, total: Decimal) -> CostLine:
    return CostLine(
        code=leaf.code,
        label=leaf.label,
        amount=amount,
        formula=leaf.formula,
        inputs=_inputs(leaf, quote, quantity),
        share=_share(amount, total),
    )


def _inputs(leaf: Leaf, quote: Quote, quantity: int) -> Mapping[str, Figure]:
    """The leaf's own figures, then those of the whole quantity."""
    inputs = {name: _figure(value, unit) for name, (value, unit) in leaf.inputs.items()}
    inputs["quantity"] = _figure(quantity, "pieces")
    hours = quote.hours(leaf, quantity)
    if hours:
        inputs["time" if leaf.is_step else "applies_to_time"] = _figure(hours, "h")
    if quote.pieces_per_batch is not None and leaf.batch_hours:
        inputs["builds"] = _figure(quote.batches(quantity), "builds")
    return inputs


def _figure(value: Decimal | int, unit: str) -> Figure:
    return Figure(value=round(float(value), FIGURE_PLACES), unit=unit)


def _share(amount: Decimal, total: Decimal) -> float:
    return round(float(amount / total), SHARE_PLACES) if total else 0.0
