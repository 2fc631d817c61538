"""Remarks and refusals about the size of a part, whatever it is made of."""

from collections.abc import Sequence
from math import isfinite

from app.calculator.errors import CadInvalid
from app.calculator.geometry.box import Box
from app.calculator.geometry.tolerance import (
    FLAT_RELATIVE,
    LARGEST_PART_MM,
    SMALLEST_PART_MM,
    SUSPECT_INCH_MM,
    SUSPECT_LARGE_MM,
    SUSPECT_SMALL_MM,
)
from app.contract.geometry import Finding

INCH_FRACTION = 1 / 64
"""Sizes drawn in inches stand on this grid; on decimal ones only where a half or a quarter does too."""
DECIMAL_STEP = 0.05
OFF_GRID = 3e-4
FACTORS = {"metres": 1_000.0, "inches": 25.4, "micrometres": 0.001}


def judge_size(box: Box, *, unit_stated: bool) -> tuple[Finding, ...]:
    """Findings about a suspicious size; raises ``CadInvalid`` where there cannot be a part.

    A file that states its unit is suspected only where the size is hardly possible.
    """
    remarks = judge_extents(box.extents_mm, unit_stated=unit_stated)
    if min(box.extents_mm) <= FLAT_RELATIVE * box.diagonal_mm:
        raise CadInvalid("the part is flat: it has no thickness in one direction")
    return remarks


def judge_extents(extents_mm: Sequence[float], *, unit_stated: bool) -> tuple[Finding, ...]:
    """The same for a part that may be flat."""
    if not all(isfinite(extent) for extent in extents_mm):
        raise CadInvalid("a coordinate is not a finite number")
    largest = max(extents_mm)
    if largest > LARGEST_PART_MM:
        message = f"the part would be {largest:.3g} mm long; more than {LARGEST_PART_MM:.0f} mm is not a part"
        raise CadInvalid(message)
    if largest < SMALLEST_PART_MM:
        message = f"the part would be {largest:.3g} mm long; less than {SMALLEST_PART_MM} mm cannot be made"
        raise CadInvalid(message)
    if largest > SUSPECT_LARGE_MM:
        return (_suspicion(extents_mm, "micrometres", SUSPECT_LARGE_MM),)
    if not unit_stated and largest < SUSPECT_INCH_MM and _fractions_of_an_inch(extents_mm):
        return (_suspicion(extents_mm, "inches", SUSPECT_INCH_MM),)
    if largest < SUSPECT_SMALL_MM:
        return (_suspicion(extents_mm, "metres", SUSPECT_SMALL_MM),)
    return ()


def _fractions_of_an_inch(extents: Sequence[float]) -> bool:
    """All sizes are fractions of an inch, and at least one of them is no round decimal number."""
    on_grid = all(_misses(extent, INCH_FRACTION) <= OFF_GRID for extent in extents)
    return on_grid and any(_misses(extent, DECIMAL_STEP) > OFF_GRID for extent in extents)


def _misses(value: float, step: float) -> float:
    return abs(value - round(value / step) * step)


def _suspicion(extents_mm: Sequence[float], unit: str, limit_mm: float) -> Finding:
    largest_mm = max(extents_mm)
    meant = " x ".join(f"{extent * FACTORS[unit]:.5g}" for extent in extents_mm)
    return Finding(
        code="unit-suspect",
        severity="info",
        message=(
            f"The whole part is {largest_mm:.4g} mm long; it may be drawn in {unit}. "
            "The numbers of the file were taken as they are."
        ),
        fix=f"If it was drawn in {unit} and measures {meant} mm, export it in millimetres and send it again.",
        value=largest_mm,
        limit=limit_mm,
        unit="mm",
    )
