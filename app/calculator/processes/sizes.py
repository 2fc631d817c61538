"""Whether a part is large enough to be held and small enough for a machine."""

from decimal import Decimal

from app.calculator.catalog.rows import Machine
from app.calculator.processes.base import Part
from app.contract.geometry import Finding


def too_small(part: Part, smallest_mm: Decimal) -> Finding | None:
    """The finding for a part whose smallest extent is below what the process can hold."""
    smallest = part.extents_mm[2]
    if smallest >= smallest_mm:
        return None
    return Finding(
        code="extent-too-small",
        severity="error",
        message=f"The smallest extent is {smallest.normalize():f} mm, the process needs {smallest_mm} mm.",
        fix="Check the unit of the file or choose another process.",
        value=float(smallest),
        limit=float(smallest_mm),
        unit="mm",
    )


def box_misfit(part: Part, machine: Machine) -> str | None:
    """Why a part in its best position does not fit the working space: extents compared in falling order."""
    space = sorted((_or_endless(size) for size in (machine.x_mm, machine.y_mm, machine.z_mm)), reverse=True)
    for extent, room in zip(part.extents_mm, space, strict=True):
        if extent > room:
            return f"{extent.normalize():f} mm is more than the {room.normalize():f} mm of the working space"
    return None


def _or_endless(size_mm: Decimal | None) -> Decimal:
    return Decimal("Infinity") if size_mm is None else size_mm
