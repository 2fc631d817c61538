"""What a blank takes of sheets and bars that are sold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calculator.catalog.rows import Stock
from app.calculator.processes.stock_sizes import Losses, from_bar, from_sheet

HALF = Decimal("0.5")
LENGTHS = st.decimals(min_value=1, max_value=4000, places=1)


def sheets(
    *sizes: int, stock_id: str = "plate", formats: tuple[tuple[int, int], ...] = ((1000, 2000),)
) -> Stock:
    return Stock.model_validate(
        {
            "id": stock_id,
            "standard": "works standard",
            "form": "sheet",
            "sizes_mm": sizes,
            "sheets": [{"width_mm": width, "length_mm": length} for width, length in formats],
            "kerf_mm": 0,
            "source": "a test",
            "date": "2026-11-20",
        }
    )


def bars(*sizes: int, lengths: tuple[int, ...] = (3000,), kerf: int = 0) -> Stock:
    return Stock.model_validate(
        {
            "id": "bar",
            "standard": "works standard",
            "form": "rod",
            "sizes_mm": sizes,
            "bar_lengths_mm": lengths,
            "kerf_mm": kerf,
            "source": "a test",
            "date": "2026-11-20",
        }
    )


def losses(cut: int | None = 0, end: int = 0, credit: Decimal = Decimal(0)) -> Losses:
    return Losses(None if cut is None else Decimal(cut), Decimal(end), credit)


class TestSheets:
    def test_the_next_thickness_that_is_sold_is_taken(self) -> None:
        piece = from_sheet([sheets(10, 20, 30)], Decimal("20.1"), (Decimal(100), Decimal(50)), HALF)

        assert (piece.size_mm, piece.is_sold, piece.row) == (Decimal(30), True, "stock/plate")

    def test_blanks_lie_the_way_more_of_them_fit(self) -> None:
        piece = from_sheet([sheets(10)], Decimal(10), (Decimal(900), Decimal(300)), Decimal(0))

        assert piece.blanks == 6
        assert piece.paid == Decimal(1000 * 2000) / 6

    def test_what_is_left_over_is_credited(self) -> None:
        whole, half = (
            from_sheet([sheets(10)], Decimal(10), (Decimal(900), Decimal(300)), credit)
            for credit in (Decimal(1), HALF)
        )

        assert whole.paid == 900 * 300
        assert half.paid == (Decimal(900 * 300) + Decimal(2_000_000) / 6) / 2

    def test_every_cut_takes_its_width(self) -> None:
        row = sheets(10).model_copy(update={"kerf_mm": Decimal(3)})

        piece = from_sheet([row], Decimal(10), (Decimal(100), Decimal(50)), Decimal(1))

        assert piece.paid == 103 * 53

    def test_the_row_of_which_less_is_taken_goes_before(self) -> None:
        small, large = sheets(10, stock_id="small"), sheets(10, stock_id="large", formats=((1600, 1200),))

        piece = from_sheet([small, large], Decimal(10), (Decimal(800), Decimal(600)), Decimal(0))

        assert (piece.row, piece.blanks) == ("stock/large", 4)

    @pytest.mark.parametrize(
        ("thickness", "sides"), [(40, (100, 50)), (10, (2500, 50))], ids=["too thick", "too long"]
    )
    def test_what_nobody_sells_is_said(self, thickness: int, sides: tuple[int, int]) -> None:
        piece = from_sheet(
            [sheets(10, 20, 30)], Decimal(thickness), (Decimal(sides[0]), Decimal(sides[1])), HALF
        )

        assert piece.is_sold is False
        assert piece.size_mm == thickness

    @given(
        sides=st.tuples(LENGTHS, LENGTHS),
        more=LENGTHS,
        thickness=st.decimals(min_value=1, max_value=60, places=1),
        thicker=st.decimals(min_value=0, max_value=40, places=1),
    )
    def test_a_larger_blank_never_takes_less(
        self, sides: tuple[Decimal, Decimal], more: Decimal, thickness: Decimal, thicker: Decimal
    ) -> None:
        rows = [
            sheets(3, 10, 20, stock_id="thin", formats=((1000, 2000), (1500, 6000))),
            sheets(12, 30, 50, stock_id="thick", formats=((1200, 3000),)),
        ]

        small = from_sheet(rows, thickness, sides, HALF)
        longer = from_sheet(rows, thickness, (sides[0] + more, sides[1]), HALF)
        higher = from_sheet(rows, thickness + thicker, sides, HALF)

        assert small.size_mm * small.paid <= longer.size_mm * longer.paid
        assert small.size_mm * small.paid <= higher.size_mm * higher.paid


class TestBars:
    def test_cuts_and_the_end_in_the_chuck_are_lost(self) -> None:
        piece = from_bar([bars(20, 25)], Decimal(21), Decimal(97), losses(cut=3, end=60))

        assert (piece.size_mm, piece.blanks) == (Decimal(25), (3000 - 60 + 3) // 100)
        assert piece.paid == Decimal(3000) / 29

    def test_a_saw_cuts_as_wide_as_its_row_says(self) -> None:
        piece = from_bar([bars(20, kerf=5)], Decimal(20), Decimal(95), losses(cut=None, credit=Decimal(1)))

        assert piece.paid == 100

    def test_the_bar_that_is_used_up_best_is_taken(self) -> None:
        piece = from_bar([bars(20, lengths=(3000, 4000))], Decimal(20), Decimal(1300), losses())

        assert (piece.whole_mm, piece.blanks) == ("20 x 4000 mm", 3)

    def test_without_any_row_the_blank_is_a_special_order(self) -> None:
        piece = from_bar([], Decimal(21), Decimal(97), losses(cut=3))

        assert (piece.size_mm, piece.paid, piece.is_sold, piece.row) == (
            Decimal(21),
            Decimal(100),
            False,
            None,
        )

    @given(length=LENGTHS, more=LENGTHS, size=st.decimals(min_value=1, max_value=60, places=1))
    def test_a_longer_blank_never_takes_less(self, length: Decimal, more: Decimal, size: Decimal) -> None:
        rows = [bars(10, 20, 50, lengths=(3000, 4000), kerf=3)]

        short, long = (
            from_bar(rows, size, one, losses(cut=None, end=60, credit=HALF))
            for one in (length, length + more)
        )

        assert short.paid <= long.paid
