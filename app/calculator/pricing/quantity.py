"""Quantities: bands, breaks, and totals that never fall."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from app.calculator.catalog.rows import QuantityBand

USUAL_BREAKS = (1, 5, 10, 20, 50, 100, 500)


def band_of(quantity: int, bands: Sequence[QuantityBand]) -> QuantityBand:
    """The band a quantity lies in; bands rise and begin at one."""
    return next(band for band in reversed(bands) if band.first <= quantity)


def never_falling(
    total_of: Callable[[int], Decimal], quantity: int, bands: Sequence[QuantityBand]
) -> Decimal:
    """The total at a quantity, never above the total of any larger one.

    Inside a band totals rise, so only the first quantity of every later band can be cheaper.
    """
    edges = (band.first for band in bands if band.first > quantity)
    return min(total_of(count) for count in (quantity, *edges))


def break_quantities(asked: Iterable[int] | None, quantity: int, bands: Sequence[QuantityBand]) -> list[int]:
    """The asked quantities, or the usual ones with the requested one and the band edges."""
    if asked is not None:
        return sorted(set(asked))
    return sorted({*USUAL_BREAKS, quantity, *(band.first for band in bands)})
