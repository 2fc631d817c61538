"""The volume and the shape of blanks cut from sheets and bars."""

from decimal import Decimal

from app.calculator.processes.base import PI, Cylinder, Extents
from app.calculator.processes.cutting import Blank
from app.contract.pricing import BoxDimensions, CylinderDimensions, Stock

SHEET = "sheet"
HEXAGON = "hexagon"
BARS = frozenset({"rod", HEXAGON})
LENGTH_PLACES_MM = Decimal("0.001")


def box_volume_mm3(extents: Extents) -> Decimal:
    """Length x width x height."""
    return extents[0] * extents[1] * extents[2]


def round_volume_mm3(outline: Cylinder) -> Decimal:
    """Pi / 4 x diameter^2 x length."""
    return PI / 4 * outline.diameter_mm**2 * outline.length_mm


def hexagon_volume_mm3(outline: Cylinder) -> Decimal:
    """A hexagonal bar around the cylinder: sqrt(3) / 2 x (distance across flats)^2 x length."""
    return Decimal(3).sqrt() / 2 * outline.diameter_mm**2 * outline.length_mm


def box_blank(extents: Extents, form: str) -> Blank:
    """A box; taken from a bar, the distance across is the diagonal of its smaller face."""
    length, width, height = (_length(extent) for extent in extents)
    size = (width**2 + height**2).sqrt() if form in BARS else height
    return Blank(
        stock=Stock(
            shape="box", dimensions=BoxDimensions(length_mm=length, width_mm=width, height_mm=height)
        ),
        volume_mm3=box_volume_mm3(extents),
        size_mm=size,
        formula="length x width x height of the blank x density x pieces",
    )


def bar_blank(outline: Cylinder, form: str) -> Blank:
    """A length of round or hexagonal bar (diameter = distance across flats)."""
    hexagonal = form == HEXAGON
    return Blank(
        stock=Stock(
            shape="cylinder",
            dimensions=CylinderDimensions(
                diameter_mm=_length(outline.diameter_mm), length_mm=_length(outline.length_mm)
            ),
        ),
        volume_mm3=hexagon_volume_mm3(outline) if hexagonal else round_volume_mm3(outline),
        size_mm=outline.diameter_mm,
        formula=f"{'hexagonal' if hexagonal else 'round'} section x length of the blank x density x pieces",
    )


def _length(value: Decimal) -> Decimal:
    return max(LENGTH_PLACES_MM, value.quantize(LENGTH_PLACES_MM))
