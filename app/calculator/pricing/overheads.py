"""From the wage to the price: what lies on top of work and material at a location."""

from decimal import Decimal

from app.calculator.catalog.rows import Location

ONE = Decimal(1)


def labour_cost_factor(location: Location) -> Decimal:
    """Full cost of work over its wage.

    Extra salary, insurance on wage and extra salary, overhead and administration (original rule engine).
    """
    insured = (ONE + location.extra_salary) * location.insurance
    return ONE + location.extra_salary + insured + location.overhead + location.administrative


def labour_price_factor(location: Location) -> Decimal:
    """Selling price of work over its wage: full cost and the profit on everything but material."""
    return labour_cost_factor(location) * (ONE + location.profit_on_rest)


def material_price_factor(location: Location) -> Decimal:
    """Selling price of material over its cost."""
    return ONE + location.profit_on_material
