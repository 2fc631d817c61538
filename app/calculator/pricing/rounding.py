"""The one place where money is rounded, and the hours that are shown beside it."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
HOURS_PLACES = Decimal("0.0001")
"""About a third of a second."""
WORK_PLACES = Decimal("0.001")
"""The wage of a piece before its factors is kept to a tenth of a hundredth (original rule engine)."""


def cents(amount: Decimal) -> Decimal:
    """Half-up to 0.01."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def shown_hours(exact: Decimal) -> Decimal:
    """Half-up to 0.0001 h; sums are made of these, so that what is shown adds up."""
    return exact.quantize(HOURS_PLACES, ROUND_HALF_UP)


def unit_price(total: Decimal, quantity: int) -> Decimal:
    """The price of one piece, half-up to 0.01."""
    return cents(total / quantity)


def allocate(weights: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Splits a rounded total by weights so that the parts have two decimals and sum exactly.

    Largest remainder: every part is cut to 0.01 and the cents left over go to those cut most; between
    equals the first wins. Weights are not negative; without any weight the first part takes all.
    """
    whole = sum(weights, Decimal(0))
    if not whole:
        return [total if index == 0 else Decimal("0.00") for index in range(len(weights))]
    exact = [weight * total / whole for weight in weights]
    parts = [share.quantize(CENT, ROUND_FLOOR) for share in exact]
    left = int((total - sum(parts, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[:left]:
        parts[index] += CENT
    return parts
