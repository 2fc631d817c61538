from decimal import Decimal

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pricing.quantity import band_of, break_quantities, never_falling

CATALOG = load()


class TestBands:
    @pytest.mark.parametrize(
        ("quantity", "factor"),
        [(1, "1"), (20, "1"), (21, "0.95"), (100, "0.95"), (101, "0.85"), (500, "0.85"), (501, "0.8")],
    )
    def test_the_band_begins_at_its_first_quantity(self, quantity: int, factor: str) -> None:
        assert band_of(quantity, CATALOG.bands).factor == Decimal(factor)


class TestNeverFalling:
    def test_takes_the_cheapest_of_all_later_bands_not_only_the_next(self) -> None:
        totals = {15: Decimal(100), 21: Decimal(120), 101: Decimal(90), 501: Decimal(95)}

        assert never_falling(totals.__getitem__, 15, CATALOG.bands) == 90


class TestBreaks:
    def test_usual_quantities_the_requested_one_and_the_band_edges(self) -> None:
        assert break_quantities(None, 7, CATALOG.bands) == [1, 5, 7, 10, 20, 21, 50, 100, 101, 500, 501]

    def test_exactly_the_asked_ones_sorted_and_once(self) -> None:
        assert break_quantities([9, 2, 9], 7, CATALOG.bands) == [2, 9]
