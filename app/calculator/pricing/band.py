"""How sure a price is: the range the engine was measured to miss by, and what it was never measured on.

The figures are rows of the catalogue, so that a calibration against the shop's own times can replace them.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.calculator.pricing.rounding import cents
from app.calculator.processes.base import Part
from app.contract.pricing import Band, Engine, Reason

LOW, HIGH, WIDEST = "band_low", "band_high", "band_widest"
SMALLEST_MM, LARGEST_MM = "calibrated_from_mm", "calibrated_to_mm"
LEARNED = "learned"
"""One where the figures of the process were fitted to real times."""
FIGURES = frozenset({LOW, HIGH, WIDEST, SMALLEST_MM, LARGEST_MM, LEARNED})
"""What any process may say about its accuracy; none has to."""


def band_of(total: Decimal, figures: Mapping[str, Decimal]) -> Band | None:
    """The total times the shares nine of ten real prices lay between; ``None`` where nobody has measured."""
    low, high = figures.get(LOW), figures.get(HIGH)
    if low is None or high is None:
        return None
    return Band(low=cents(total * low), high=cents(total * high))


def engine_of(figures: Mapping[str, Decimal], *, measured: bool) -> Engine:
    """What gave the hours: the rule for bare dimensions, the model of features, or that model fitted."""
    if not measured:
        return "rules"
    return "learned" if figures.get(LEARNED) else "features"


def reasons_of_range(part: Part, figures: Mapping[str, Decimal]) -> Iterator[Reason]:
    """Why the engine itself is not sure: a part of an unmeasured size, a range too wide to bind."""
    smallest, largest = figures.get(SMALLEST_MM), figures.get(LARGEST_MM)
    longest = part.extents_mm[0]
    if (smallest is not None and longest < smallest) or (largest is not None and longest > largest):
        yield Reason(
            code="outside-calibrated-range",
            message=f"The times were measured on parts of {smallest} to {largest} mm, "
            f"this one is {longest.normalize():f} mm long.",
        )
    low, high, widest = figures.get(LOW), figures.get(HIGH), figures.get(WIDEST)
    if low is not None and high is not None and widest is not None and high > widest * low:
        yield Reason(
            code="band-too-wide", message=f"The price is known to {low} to {high} times its figure only."
        )
