"""Amounts of money in the database: exact on every engine."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Numeric, TypeDecorator
from sqlalchemy.types import TypeEngine
from typing_extensions import override

CENT = Decimal("0.01")


def round_money(amount: Decimal) -> Decimal:
    """Half-up to two decimals, the commercial rule."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


class MoneyColumn(TypeDecorator[Decimal]):
    """NUMERIC(18, 2) where the database has decimals, whole cents on SQLite, which would use floats."""

    impl = Numeric(18, 2)
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(18, 2))

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        if value is None:
            return None
        rounded = round_money(value)
        return int(rounded * 100) if dialect.name == "sqlite" else rounded

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return (Decimal(value) / 100).quantize(CENT) if dialect.name == "sqlite" else Decimal(value)
