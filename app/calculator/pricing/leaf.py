"""The leaf of a price: a selling amount that is linear in pieces, batches and orders, and its reasons."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from app.calculator.pricing.overheads import Parts
from app.calculator.processes.base import NO_INPUTS, ONE, ZERO, Inputs
from app.contract.base import Text

PRICE: Parts = (("price", ONE),)


class Amount(NamedTuple):
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


class Leaf(NamedTuple):
    """A selling amount and its reasons.

    Only work (not material, papers and most charges) takes part in the quantity bands. The hours are those of
    the step itself or, for a surcharge (``is_step`` false), of the work it concerns. ``features`` says how
    much of it falls on which feature (``None``: on the part). ``parts`` is the cost structure of the amount,
    and ``rates`` the figures of the catalogue only the shop may see. A surcharge has the cost structure of
    the leaves it stands ``on``, each as far as it goes.
    """

    group: str
    code: str
    label: Text
    formula: str
    amount: Amount
    features: tuple[tuple[str | None, Amount], ...]
    is_work: bool = True
    is_step: bool = True
    inputs: Inputs = NO_INPUTS
    hours: Amount = NOTHING
    parts: Parts = PRICE
    rates: Inputs = NO_INPUTS
    rows: tuple[str, ...] = ()
    on: tuple["Leaf", ...] = ()


def sum_of(amounts: Iterable[Amount]) -> Amount:
    """All of them together."""
    piece, batch, order = ZERO, ZERO, ZERO
    for amount in amounts:
        piece += amount.per_piece
        batch += amount.per_batch
        order += amount.per_order
    return Amount(piece, batch, order)
