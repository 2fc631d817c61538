"""From the wage to the price: what lies on top of work and material at a location."""

from decimal import Decimal

from app.calculator.catalog.rows import Location

ONE = Decimal(1)

Parts = tuple[tuple[str, Decimal], ...]
"""What a selling amount consists of, as multiples of its base (the wage, the purchase price)."""


def labour_parts(location: Location) -> Parts:
    """Wage, extra salary, insurance on both, overhead, administration; profit on all of them.

    The structure is that of the original rule engine.
    """
    insured = (ONE + location.extra_salary) * location.insurance
    costs = (
        ("wage", ONE),
        ("extra-salary", location.extra_salary),
        ("insurance", insured),
        ("overhead", location.overhead),
        ("administrative", location.administrative),
    )
    return (*costs, ("profit", sum((share for _, share in costs), Decimal(0)) * location.profit_on_rest))


def material_parts(location: Location) -> Parts:
    """The purchase price and the profit on it."""
    return (("purchase", ONE), ("profit", location.profit_on_material))


def machine_parts(location: Location) -> Parts:
    """The hour of a machine that works alone, and the profit on it."""
    return (("machine", ONE), ("profit", location.profit_on_rest))


def charge_parts(location: Location) -> Parts:
    """What somebody else charges, and the profit on it."""
    return (("purchase", ONE), ("profit", location.profit_on_rest))


def price_factor(parts: Parts) -> Decimal:
    """The selling amount over its base."""
    return sum((share for _, share in parts), Decimal(0))
