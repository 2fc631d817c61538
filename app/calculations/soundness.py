"""Whether an answer of the calculator can be a price: nobody is told one that contradicts itself."""

from decimal import Decimal
from typing import Any

from app.contract.pricing import Hours, LineOf, PriceOf

CENT = Decimal("0.01")
MOST_HOURS = 1e9
MOST_KG = 1e12


def is_sound(price: PriceOf[Any]) -> bool:
    """Whether its amounts are above nothing and agree, and its figures are such as can be."""
    return (
        price.quantity >= 1
        and price.unit_price > 0
        and price.total_price > 0
        and abs(price.unit_price * price.quantity - price.total_price) <= CENT * price.quantity
        and _sums_to(price.lines, price.total_price)
        and price.lead_time_days >= 0
        and 0 <= price.material.mass_kg <= MOST_KG
        and _can_be(price.hours)
    )


def _sums_to(lines: tuple[LineOf[Any], ...], amount: Decimal) -> bool:
    """Whether these lines are the amount, and the children of each are the line."""
    return sum((line.amount for line in lines), Decimal(0)) == amount and all(
        _sums_to(line.children, line.amount) for line in lines if line.children
    )


def _can_be(hours: Hours) -> bool:
    return all(
        0 <= figure <= MOST_HOURS for figure in (hours.setup, hours.machining, hours.finishing, hours.total)
    )
