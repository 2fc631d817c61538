"""Working days until the order is ready."""

import math
from collections.abc import Iterable

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Cover, LeadTimeOption
from app.calculator.pricing.quantity import band_of


def lead_time_days(catalog: Catalog, covers: Iterable[Cover], quantity: int) -> int:
    """Days of every order, of its covers (each once) and of its quantity band (original rule engine)."""
    return catalog.base_days + sum(cover.days for cover in covers) + band_of(quantity, catalog.bands).days


def optional_days(standard_days: int, option: LeadTimeOption) -> int:
    """The days of a delivery option, at least one."""
    return max(1, math.ceil(standard_days * option.days_factor))
