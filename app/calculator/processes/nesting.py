"""How many pieces a whole sheet gives, and what of it a piece therefore takes."""

from dataclasses import dataclass
from decimal import Decimal
from math import floor

from app.calculator.catalog.rows import SheetSize, Stock
from app.calculator.errors import MaterialNotAllowed
from app.calculator.processes.base import Job
from app.calculator.processes.refusal import impossible
from app.calculator.processes.sheets import Flat
from app.contract.geometry import Finding

FIGURES = frozenset({"part_gap_mm", "sheet_edge_mm", "gauge_tolerance"})
SIDES = Decimal(2)


@dataclass(frozen=True, slots=True)
class Nest:
    """The sheet that gives the piece for the least area; ``is_gauge``: it is sold in this thickness."""

    row: Stock
    sheet: SheetSize
    pieces: int
    gap_mm: Decimal
    is_gauge: bool

    @property
    def area_mm2(self) -> Decimal:
        """What of a sheet falls on a piece: waste, gaps and edges included."""
        return self.sheet.length_mm * self.sheet.width_mm / self.pieces


def nest(job: Job, flat: Flat, kerf_mm: Decimal) -> Nest:
    """Pieces in rows and columns on each sheet that is sold, turned by a quarter where that gives more.

    The gap is that of the table, at least the thickness, and the kerf. Raises ``PartOutsideLimits`` for a
    piece larger than any sheet.
    """
    gauges = [(row, size) for row in job.stock_sizes if row.sheets for size in row.sizes_mm]
    if not gauges:
        raise MaterialNotAllowed(f"No sheets of {job.material.id} are recorded.")
    gauge = min((size for _, size in gauges), key=lambda size: (abs(size - flat.thickness_mm), size))
    is_gauge = abs(gauge - flat.thickness_mm) <= job.figures["gauge_tolerance"] * flat.thickness_mm
    gap = max(job.figures["part_gap_mm"], flat.thickness_mm) + kerf_mm
    found = [
        Nest(row, sheet, count, gap, is_gauge)
        for row, size in gauges
        for sheet in row.sheets
        if size == gauge and (count := _pieces(flat, sheet, gap, job.figures["sheet_edge_mm"]))
    ]
    if not found:
        raise impossible(
            _too_large(flat, [sheet for row, size in gauges if size == gauge for sheet in row.sheets])
        )
    return min(found, key=lambda one: one.area_mm2)


def _pieces(flat: Flat, sheet: SheetSize, gap: Decimal, edge: Decimal) -> int:
    length, width = (side - SIDES * edge + gap for side in (sheet.length_mm, sheet.width_mm))
    one, other = flat.length_mm + gap, flat.width_mm + gap
    upright = floor(length / one) * floor(width / other)
    turned = floor(length / other) * floor(width / one)
    return max(0, upright, turned)


def _too_large(flat: Flat, sheets: list[SheetSize]) -> Finding:
    largest = max(sheets, key=lambda sheet: sheet.length_mm * sheet.width_mm)
    return Finding(
        code="larger-than-sheet",
        severity="error",
        message=f"The flat pattern of {flat.length_mm:.0f} x {flat.width_mm:.0f} mm is larger than "
        f"the largest sheet, {largest.length_mm.normalize():f} x {largest.width_mm.normalize():f} mm.",
        fix="Split the part, or choose another material.",
        value=float(flat.length_mm),
        limit=float(largest.length_mm),
        unit="mm",
    )
