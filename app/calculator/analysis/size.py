"""Remarks and refusals about the size of a part, whatever it is made of."""

from math import isfinite

from app.calculator.errors import CadInvalid
from app.calculator.geometry.box import Box
from app.calculator.geometry.tolerance import (
    FLAT_RELATIVE,
    LARGEST_PART_MM,
    SMALLEST_PART_MM,
    SUSPECT_LARGE_MM,
    SUSPECT_SMALL_MM,
)
from app.contract.geometry import Finding


def judge_size(box: Box) -> tuple[Finding, ...]:
    """Findings about a suspicious size; raises ``CadInvalid`` where there cannot be a part."""
    extents = box.extents_mm
    if not all(isfinite(extent) for extent in extents):
        raise CadInvalid("a coordinate is not a finite number")
    largest = max(extents)
    if largest > LARGEST_PART_MM:
        message = f"the part would be {largest:.3g} mm long; more than {LARGEST_PART_MM:.0f} mm is not a part"
        raise CadInvalid(message)
    if largest < SMALLEST_PART_MM:
        message = f"the part would be {largest:.3g} mm long; less than {SMALLEST_PART_MM} mm cannot be made"
        raise CadInvalid(message)
    if min(extents) <= FLAT_RELATIVE * box.diagonal_mm:
        raise CadInvalid("the part is flat: it has no thickness in one direction")
    return _suspicion(largest)


def _suspicion(largest_mm: float) -> tuple[Finding, ...]:
    if SUSPECT_SMALL_MM <= largest_mm <= SUSPECT_LARGE_MM:
        return ()
    small = largest_mm < SUSPECT_SMALL_MM
    usual = "metres or inches" if small else "micrometres"
    return (
        Finding(
            code="unit-suspect",
            severity="info",
            message=f"The whole part is {largest_mm:.4g} mm long; it may be drawn in {usual}.",
            fix="Check the unit of the export. The numbers of the file were taken as they are.",
            value=largest_mm,
            limit=SUSPECT_SMALL_MM if small else SUSPECT_LARGE_MM,
            unit="mm",
        ),
    )
