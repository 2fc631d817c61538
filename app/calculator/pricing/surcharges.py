"""Factors on work: tolerance, finish, covers, control and haste, one after the other.

A factor below one makes the work itself cheaper, one above it makes a leaf of its own, so no leaf is ever
negative; each surcharge stands on what is there before it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from app.calculator.catalog.rows import LeadTimeOption, Option
from app.calculator.pricing.choices import Choices
from app.calculator.pricing.leaf import NOTHING, Amount, Leaf, sum_of
from app.calculator.processes.base import ONE, Inputs

Graded = tuple[Leaf, bool]
"""A leaf, and whether tolerance and finish act on it."""


def hastened(leaves: Iterable[Leaf], option: LeadTimeOption) -> tuple[Leaf, ...]:
    """The leaves with the factor of a delivery option on all work."""
    wished = Option(
        id=option.id, label=option.label, factor=option.factor, source=option.source, date=option.date
    )
    graded = [(leaf, leaf.is_work) for leaf in leaves]
    return tuple(leaf for leaf, _ in _apply("rush", wished, graded, rows=(option.full_key,)))


def with_options(work: Sequence[Graded], choices: Choices) -> list[Leaf]:
    """The leaves of work with every option that was chosen, haste not."""
    leaves = list(work)
    if choices.process.graded:
        leaves = _apply("tolerance", choices.tolerance, leaves, rows=(choices.tolerance.full_key,))
        leaves = _apply("finishing", choices.finish, leaves, rows=(choices.finish.full_key,))
    for cover in choices.covers:
        leaves = _apply("covers", cover, _all(leaves), rows=(cover.full_key,), always=True)
    control = _apply("control", choices.control, _all(leaves), rows=(choices.control.full_key,))
    return [leaf for leaf, _ in control]


def _all(leaves: Iterable[Graded]) -> list[Graded]:
    return [(leaf, True) for leaf, _ in leaves]


def _apply(
    group: str, option: Option, leaves: list[Graded], *, rows: tuple[str, ...], always: bool = False
) -> list[Graded]:
    """A factor up to one scales the work, what is above one is a leaf (``always``: even a leaf of zero)."""
    down, up = min(ONE, option.factor), max(ONE, option.factor) - ONE
    scaled = leaves
    if down != ONE:
        table, _, _ = rows[0].partition("/")
        said: Inputs = {f"{table}_factor": (down, "1")}
        scaled = [(_scaled(leaf, down, said, rows) if touched else leaf, touched) for leaf, touched in leaves]
    if not up and not always:
        return scaled
    concerned = [leaf for leaf, touched in scaled if touched]
    surcharge = Leaf(
        group=group,
        code=option.id,
        label=option.label,
        formula="surcharge on the working time it concerns",
        amount=sum_of(leaf.amount for leaf in concerned).times(up),
        features=_shares(concerned, up),
        hours=sum_of(leaf.hours for leaf in concerned if leaf.is_step),
        is_step=False,
        on=tuple(concerned),
        rates={"factor": (option.factor, "1")},
        rows=rows,
    )
    return [*scaled, (surcharge, True)]


def _scaled(leaf: Leaf, factor: Decimal, said: Inputs, rows: tuple[str, ...]) -> Leaf:
    """A leaf that is cheaper by a factor, which it names."""
    return leaf._replace(
        amount=leaf.amount.times(factor),
        features=tuple((feature_id, amount.times(factor)) for feature_id, amount in leaf.features),
        rates={**leaf.rates, **said},
        rows=(*leaf.rows, *rows),
    )


def _shares(leaves: Iterable[Leaf], factor: Decimal) -> tuple[tuple[str | None, Amount], ...]:
    """How much of a surcharge falls on which feature."""
    shares: dict[str | None, Amount] = {}
    for leaf in leaves:
        for feature_id, amount in leaf.features:
            shares[feature_id] = shares.get(feature_id, NOTHING).plus(amount)
    return tuple((feature_id, amount.times(factor)) for feature_id, amount in shares.items())
