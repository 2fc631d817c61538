"""Floats of the facts as exact figures, once and rounded."""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.contract.geometry import Feature

PLACES = Decimal("0.001")
"""A thousandth of a millimetre (mm2, mm3): finer figures differ from run to run, not from part to part."""
LARGEST = 1e18
"""Nothing measurable is larger, and nothing larger could be told in thousandths."""


def exact(value: object) -> Decimal | None:
    """The figure in thousandths, a truth as one or nought; ``None`` for what is no figure or absurd."""
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > LARGEST:
        return None
    return Decimal(repr(value + 0)).quantize(PLACES, ROUND_HALF_UP)


def positive(value: object) -> Decimal:
    """The same, nought where there is no figure or one below it."""
    return max(exact(value) or Decimal(0), Decimal(0))


def figures_of(feature: Feature) -> dict[str, Any]:
    """The figures that depend on the kind of the feature."""
    return feature.__pydantic_extra__ or {}
