"""A set-up is spread over the pieces: the table of lasercalcpro, 300 for the set-up and 15 a piece."""

from decimal import Decimal

import pytest

from app.calculator.pricing.leaf import Amount


@pytest.mark.parametrize(
    ("quantity", "each"), [(1, "315"), (10, "45"), (50, "21"), (100, "18"), (500, "15.6")]
)
def test_the_price_of_a_piece_falls_as_published(quantity: int, each: str) -> None:
    amount = Amount(per_piece=Decimal(15), per_batch=Decimal(300))

    assert amount.at(quantity, batches=1) / quantity == Decimal(each)
