from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from app.core.money import MoneyColumn, round_money


@pytest.mark.parametrize(
    ("exact", "rounded"), [("0.005", "0.01"), ("0.004", "0.00"), ("2.675", "2.68"), ("-0.005", "-0.01")]
)
def test_rounds_half_up(exact: str, rounded: str) -> None:
    assert round_money(Decimal(exact)) == Decimal(rounded)


@pytest.mark.parametrize("amount", ["0.00", "0.01", "1234567890123456.78", "-3.10"])
@pytest.mark.parametrize("engine", [sqlite, postgresql], ids=["sqlite", "postgresql"])
def test_amounts_survive_every_engine(amount: str, engine: Any) -> None:
    dialect: Dialect = engine.dialect()
    column = MoneyColumn()

    stored = column.process_bind_param(Decimal(amount), dialect)
    found = column.process_result_value(stored, dialect)

    assert not isinstance(stored, float)
    assert str(found) == amount
