"""What a blank takes of the sheets and bars that are sold: the next size up, cuts, and a share of the rest.

Paid for is the blank with its cut, and of what is left of the sheet or bar between its blanks and behind the
last of them the share that no other part is made of. Every choice is the least of figures that rise with the
part, so a larger part never takes less.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

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


class _Way(NamedTuple):
    """One way to cut a blank: by how much material it takes, whether such is sold, and from what."""

    amount: Decimal
    is_sold: bool
    size_mm: Decimal
    paid: Decimal
    blanks: int
    row: StockSize
    whole: tuple[Decimal, ...]


def from_sheet(
    rows: Sequence[StockSize], thickness_mm: Decimal, sides: tuple[Decimal, Decimal], credit: Decimal
) -> Piece:
    """A rectangle sawn from the sheet of which it takes the least volume."""
    alone = Piece(thickness_mm, sides[0] * sides[1], 1, "", None, is_sold=False)
    return _chosen(list(_sheets(rows, thickness_mm, sides, credit)), alone)


@dataclass(frozen=True, slots=True)
class Losses:
    """Of a bar: by each cut (``None``: as its row says) and at its end; the share that is credited."""

    cut_mm: Decimal | None
    end_mm: Decimal
    credit: Decimal


def from_bar(rows: Sequence[StockSize], size_mm: Decimal, length_mm: Decimal, losses: Losses) -> Piece:
    """A length cut from the bar of which it takes the least volume."""
    alone = Piece(size_mm, length_mm + (losses.cut_mm or ZERO), 1, "", None, is_sold=False)
    return _chosen(list(_bars(rows, size_mm, length_mm, losses)), alone)


def _chosen(ways: list[_Way], alone: Piece) -> Piece:
    """The least of what is sold; where nothing is, the most that a special order may come to."""
    sold = [way for way in ways if way.is_sold]
    if not ways:
        return alone
    best = min(sold, key=_amount) if sold else max(ways, key=_amount)
    return Piece(
        best.size_mm,
        best.paid,
        best.blanks,
        f"{' x '.join(f'{size.normalize():f}' for size in best.whole)} mm",
        best.row.full_key,
        is_sold=best.is_sold,
    )


def _amount(way: _Way) -> Decimal:
    return way.amount


def _sheets(
    rows: Sequence[StockSize], thickness_mm: Decimal, sides: tuple[Decimal, Decimal], credit: Decimal
) -> Iterator[_Way]:
    for row in _thick_enough(rows, thickness_mm):
        size, is_sold = _next_size(row, thickness_mm)
        room = (sides[0] + row.kerf_mm, sides[1] + row.kerf_mm)
        for sheet in row.sheets:
            blanks, whole, fits = _on_sheet(row, sheet, room)
            paid = _paid(room[0] * room[1], whole / blanks, credit)
            told = (size, sheet.width_mm, sheet.length_mm)
            yield _Way(size * paid, is_sold and fits, size, paid, blanks, row, told)


def _thick_enough(rows: Sequence[StockSize], size_mm: Decimal) -> Sequence[StockSize]:
    """The rows that hold the size; all of them where none does."""
    return [row for row in rows if row.sizes_mm[-1] >= size_mm] or rows


def _on_sheet(row: StockSize, sheet: SheetSize, room: tuple[Decimal, Decimal]) -> tuple[int, Decimal, bool]:
    """How many blanks, of how much area, and whether they fit; sheets grow with blanks too large for them."""
    best: tuple[int, Decimal, bool] | None = None
    width, length = sheet.width_mm + row.kerf_mm, sheet.length_mm + row.kerf_mm
    for across, along in (room, room[::-1]):
        wide, long = max(width, across), max(length, along)
        blanks = int(wide // across) * int(long // along)
        found = (blanks, (wide - row.kerf_mm) * (long - row.kerf_mm), wide == width and long == length)
        if best is None or (found[2], -found[1] / blanks) > (best[2], -best[1] / best[0]):
            best = found
    assert best is not None
    return best


def _bars(rows: Sequence[StockSize], size_mm: Decimal, length_mm: Decimal, losses: Losses) -> Iterator[_Way]:
    for row in _thick_enough(rows, size_mm):
        size, is_sold = _next_size(row, size_mm)
        cut = row.kerf_mm if losses.cut_mm is None else losses.cut_mm
        room = length_mm + cut
        for bar_mm in row.bar_lengths_mm:
            usable = bar_mm - losses.end_mm + cut
            blanks = int(max(usable, room) // room)
            paid = _paid(room, max(bar_mm, room) / blanks, losses.credit)
            fits = is_sold and room <= usable
            yield _Way(size * size * paid, fits, size, paid, blanks, row, (size, bar_mm))


def _next_size(row: StockSize, size_mm: Decimal) -> tuple[Decimal, bool]:
    """The next size up, and whether there is one; else the size that is needed."""
    index = bisect_left(row.sizes_mm, size_mm)
    if index == len(row.sizes_mm):
        return size_mm, False
    return row.sizes_mm[index], True


def _paid(own: Decimal, share: Decimal, credit: Decimal) -> Decimal:
    """The blank itself, and what is left over as far as nothing else is made of it."""
    return own * credit + max(own, share) * (ONE - credit)
