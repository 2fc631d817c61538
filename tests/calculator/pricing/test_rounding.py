from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.calculator.pricing.rounding import allocate, cents, unit_price

WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**9, places=7), min_size=1, max_size=12)
TOTALS = st.decimals(min_value=0, max_value=10**12, places=2)


class TestAllocate:
    @given(weights=WEIGHTS, total=TOTALS)
    def test_parts_have_two_decimals_and_sum_exactly(self, weights: list[Decimal], total: Decimal) -> None:
        parts = allocate(weights, total)

        assert sum(parts) == total
        assert all(part == cents(part) and part >= 0 for part in parts)

    def test_the_cent_left_over_goes_to_the_part_cut_most(self) -> None:
        parts = allocate([Decimal("1.004"), Decimal("1.006"), Decimal("2.00")], Decimal("4.01"))

        assert parts == [Decimal("1.00"), Decimal("1.01"), Decimal("2.00")]

    def test_between_equals_the_first_wins(self) -> None:
        assert allocate([Decimal(1)] * 3, Decimal("1.00")) == [
            Decimal("0.34"),
            Decimal("0.33"),
            Decimal("0.33"),
        ]


class TestUnitPrice:
    def test_rounds_half_up(self) -> None:
        assert unit_price(Decimal("0.25"), 10) == Decimal("0.03")
