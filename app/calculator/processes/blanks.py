"""The blank of a piece: its shape, its volume, and what is paid for it."""

from decimal import Decimal
from typing import NamedTuple

from app.calculator.processes.base import NO_INPUTS, PI, Cylinder, Extents, Inputs, Job
from app.calculator.processes.stock_sizes import Losses, Piece, from_bar, from_sheet
from app.contract.pricing import BoxDimensions, CylinderDimensions, Stock

SHEET = "sheet"
HEXAGON = "hexagon"
BARS = frozenset({"rod", HEXAGON})
LENGTH_PLACES_MM = Decimal("0.001")
HEXAGON_SECTION = Decimal(3).sqrt() / 2
"""Area of a hexagon over the square of the distance across its flats."""
ROUND_SECTION = PI / 4
FIGURES = frozenset({"offcut_credit"})


class Blank(NamedTuple):
    """The stock of one piece; ``volume_mm3`` is its own, ``paid_mm3`` with cuts and its share of offcuts.

    ``size_mm`` is the thickness of a sheet or the distance across a bar; ``is_sold`` in this size.
    """

    stock: Stock
    volume_mm3: Decimal
    paid_mm3: Decimal
    size_mm: Decimal
    formula: str
    inputs: Inputs = NO_INPUTS
    rows: tuple[str, ...] = ()
    is_sold: bool = True


def box_volume_mm3(extents: Extents) -> Decimal:
    """Length x width x height."""
    return extents[0] * extents[1] * extents[2]


def round_volume_mm3(outline: Cylinder) -> Decimal:
    """Pi / 4 x diameter^2 x length."""
    return ROUND_SECTION * outline.diameter_mm**2 * outline.length_mm


def box_blank(extents: Extents, form: str) -> Blank:
    """A box as it is asked for; taken from a bar, the distance across is the diagonal of its smaller face."""
    _, width, height = extents
    size = (width**2 + height**2).sqrt() if form in BARS else height
    volume = box_volume_mm3(extents)
    formula = "length x width x height of the blank x density x pieces"
    return Blank(_box(extents), volume, volume, size, formula)


def bar_blank(outline: Cylinder, form: str) -> Blank:
    """A length of round or hexagonal bar as it is asked for (diameter = distance across flats)."""
    volume = _section(form) * outline.diameter_mm**2 * outline.length_mm
    formula = f"{_words(form)} section x length of the blank x density x pieces"
    return Blank(_cylinder(outline), volume, volume, outline.diameter_mm, formula)


def sawn_from_sheet(job: Job, extents: Extents) -> Blank:
    """A box of which the smallest extent is the next thickness that is sold."""
    length, width, needed = extents
    piece = from_sheet(job.stock_sizes, needed, (length, width), job.figures["offcut_credit"])
    return _blank(
        piece,
        _box((length, width, piece.size_mm)),
        length * width * piece.size_mm,
        piece.size_mm * piece.paid,
        ("sheet", "sheets"),
    )


def cut_from_bar(
    job: Job, outline: Cylinder, cut_mm: Decimal | None = None, end_mm: Decimal = Decimal(0)
) -> Blank:
    """A length of the next bar that is sold; each cut takes ``cut_mm``, ``end_mm`` of each bar is left."""
    losses = Losses(cut_mm, end_mm, job.figures["offcut_credit"])
    piece = from_bar(job.stock_sizes, outline.diameter_mm, outline.length_mm, losses)
    section = _section(job.form.id) * piece.size_mm**2
    return _blank(
        piece,
        _cylinder(Cylinder(piece.size_mm, outline.length_mm)),
        section * outline.length_mm,
        section * piece.paid,
        (f"{_words(job.form.id)} bar", "bars"),
    )


def _blank(piece: Piece, stock: Stock, volume: Decimal, paid: Decimal, words: tuple[str, str]) -> Blank:
    whole, unit = words
    source = f"; {piece.blanks} from a {whole} {piece.whole_mm}" if piece.row else ""
    return Blank(
        stock=stock,
        volume_mm3=volume,
        paid_mm3=paid,
        size_mm=piece.size_mm,
        formula=f"(blank + cut + its share of what is left over) x density x pieces{source}",
        inputs={"blank_per_piece": (volume, "mm3"), f"blanks_per_{unit[:-1]}": (piece.blanks, "blanks")},
        rows=() if piece.row is None else (piece.row,),
        is_sold=piece.is_sold,
    )


def _section(form: str) -> Decimal:
    return HEXAGON_SECTION if form == HEXAGON else ROUND_SECTION


def _words(form: str) -> str:
    return "hexagonal" if form == HEXAGON else "round"


def _box(extents: Extents) -> Stock:
    length, width, height = (_length(extent) for extent in extents)
    return Stock(shape="box", dimensions=BoxDimensions(length_mm=length, width_mm=width, height_mm=height))


def _cylinder(outline: Cylinder) -> Stock:
    return Stock(
        shape="cylinder",
        dimensions=CylinderDimensions(
            diameter_mm=_length(outline.diameter_mm), length_mm=_length(outline.length_mm)
        ),
    )


def _length(value: Decimal) -> Decimal:
    return max(LENGTH_PLACES_MM, value.quantize(LENGTH_PLACES_MM))
