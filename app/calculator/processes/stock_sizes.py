"""What a blank takes of the sheets and bars that are sold: the next size up, cuts, and a share of the rest.

Paid for is the blank with its cut, and of what is left of the sheet or bar between its blanks and behind the
last of them the share that no other part is made of. Every choice is the least of figures that rise with the
part, so a larger part never takes less.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.calculator.catalog.rows import SheetSize
from app.calculator.catalog.rows import Stock as StockSize
from app.calculator.processes.base import ONE, ZERO


@dataclass(frozen=True, slots=True)
class Piece:
    """What one blank takes: the size it is cut from, and how much of a sheet (mm2) or bar (mm) is paid for.

    ``blanks`` come from a whole one, which ``whole_mm`` describes; ``is_sold`` is ``False`` when nothing that
    large is sold, and the size is then what the part needs.
    """

    size_mm: Decimal
    paid: Decimal
    blanks: int
    whole_mm: str
    row: str | None
    is_sold: bool


def from_sheet(
    rows: Sequence[StockSize], thickness_mm: Decimal, sides: tuple[Decimal, Decimal], credit: Decimal
) -> Piece:
    """A rectangle sawn from the sheet of which it takes the least volume."""
    sold = [piece for piece in _sheets(rows, thickness_mm, sides, credit) if piece.is_sold]
    if sold:
        return min(sold, key=lambda piece: piece.size_mm * piece.paid)
    special = _sheets(rows, thickness_mm, sides, credit)
    alone = Piece(thickness_mm, sides[0] * sides[1], 1, "", None, is_sold=False)
    return max(special, key=lambda piece: piece.size_mm * piece.paid, default=alone)


def from_bar(
    rows: Sequence[StockSize],
    size_mm: Decimal,
    length_mm: Decimal,
    lost: tuple[Decimal | None, Decimal],
    credit: Decimal,
) -> Piece:
    """A length cut from the bar of which it takes the least volume; ``lost`` by each cut and by each bar."""
    pieces = list(_bars(rows, size_mm, length_mm, lost, credit))
    sold = [piece for piece in pieces if piece.is_sold]
    if sold:
        return min(sold, key=lambda piece: piece.size_mm**2 * piece.paid)
    alone = Piece(size_mm, length_mm + (lost[0] or ZERO), 1, "", None, is_sold=False)
    return max(pieces, key=lambda piece: piece.size_mm**2 * piece.paid, default=alone)


def _sheets(
    rows: Sequence[StockSize], thickness_mm: Decimal, sides: tuple[Decimal, Decimal], credit: Decimal
) -> Iterable[Piece]:
    for row in rows:
        index = bisect_left(row.sizes_mm, thickness_mm)
        is_thick_enough = index < len(row.sizes_mm)
        size = row.sizes_mm[index] if is_thick_enough else thickness_mm
        length, width = (side + row.kerf_mm for side in sides)
        for sheet in row.sheets:
            for across, along in ((width, length), (length, width)):
                yield _on_sheet(row, sheet, size, (across, along), credit, is_sold=is_thick_enough)


def _on_sheet(
    row: StockSize,
    sheet: SheetSize,
    size_mm: Decimal,
    room: tuple[Decimal, Decimal],
    credit: Decimal,
    *,
    is_sold: bool,
) -> Piece:
    """The blank with its cuts on one sheet, which grows with a blank that is too large for it."""
    kerf = row.kerf_mm
    wide, long = max(sheet.width_mm + kerf, room[0]), max(sheet.length_mm + kerf, room[1])
    blanks = int(wide // room[0]) * int(long // room[1])
    whole = (wide - kerf) * (long - kerf)
    fits = wide - kerf == sheet.width_mm and long - kerf == sheet.length_mm
    return Piece(
        size_mm,
        _paid(room[0] * room[1], whole / blanks, credit),
        blanks,
        f"{size_mm.normalize():f} x {sheet.width_mm.normalize():f} x {sheet.length_mm.normalize():f} mm",
        f"{row.table}/{row.id}",
        is_sold=is_sold and fits,
    )


def _bars(
    rows: Sequence[StockSize],
    size_mm: Decimal,
    length_mm: Decimal,
    lost: tuple[Decimal | None, Decimal],
    credit: Decimal,
) -> Iterable[Piece]:
    for row in rows:
        index = bisect_left(row.sizes_mm, size_mm)
        is_thick_enough = index < len(row.sizes_mm)
        size = row.sizes_mm[index] if is_thick_enough else size_mm
        cut = row.kerf_mm if lost[0] is None else lost[0]
        room = length_mm + cut
        for bar_mm in row.bar_lengths_mm:
            usable = max(bar_mm - lost[1] + cut, room)
            blanks = int(usable // room)
            yield Piece(
                size,
                _paid(room, max(bar_mm, room) / blanks, credit),
                blanks,
                f"{size.normalize():f} x {bar_mm.normalize():f} mm",
                f"{row.table}/{row.id}",
                is_sold=is_thick_enough and room <= bar_mm - lost[1] + cut,
            )


def _paid(own: Decimal, share: Decimal, credit: Decimal) -> Decimal:
    """The blank itself, and what is left over as far as it is not bought back."""
    return own * credit + max(own, share) * (ONE - credit)
