"""Orders on the wire."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.calculations.schemas import PriceQuery, PriceRead, Timing, shown
from app.contract.base import STORABLE, Money
from app.core.locale import Language
from app.core.pagination import ListQuery
from app.core.schemas import STRIPPED, IsoDate, OneLine, Schema
from app.orders.models import OrderStatus, StoredOrder


class OrderCreate(PriceQuery):
    """A price request and what the order is called; ``quote_hash`` insists on the price seen before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, STRIPPED, Field(min_length=1, max_length=255), OneLine] | None = None
    code: Annotated[str, STRIPPED, Field(min_length=1, max_length=64), OneLine] | None = None
    note: Annotated[str, Field(max_length=10_000), STORABLE] | None = None
    deadline: IsoDate | None = None
    document_ids: Annotated[list[UUID], Field(max_length=100)] = []
    quote_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class OrderRow(Schema):
    """An order without its price tree, as lists show it."""

    id: UUID
    number: str
    version: int
    status: OrderStatus
    name: str
    code: str | None
    note: str | None
    deadline: date | None
    service_id: str
    file_id: UUID | None
    quantity: int
    currency: str
    unit_price: Money
    total_price: Money
    valid_until: datetime
    quote_hash: str
    created_at: datetime
    updated_at: datetime


class OrderRead(OrderRow):
    """An order with the price it was placed at."""

    price: PriceRead


class PastOrder(Schema):
    """What was chosen, at what total; ``sha256`` names the content of the part if it came as a file."""

    id: UUID
    number: str
    service_id: str
    quantity: int
    total_price: Decimal
    choices: dict[str, Any]
    sha256: str | None


class OrderSort(StrEnum):
    """Orders of the list; a minus means falling."""

    newest = "-created_at"
    oldest = "created_at"
    cheapest = "total_price"
    dearest = "-total_price"
    name = "name"
    name_descending = "-name"


class OrderQuery(ListQuery):
    """How to list orders; ``search`` looks into number, name and code."""

    status: list[OrderStatus] = []
    service_id: Annotated[str, Field(max_length=64), STORABLE] | None = None
    sort: OrderSort = OrderSort.newest


def described(order: StoredOrder, language: Language) -> OrderRead:
    """The order as its owner sees it, labels in their language."""
    row = OrderRow.model_validate(order)
    timing = Timing(calculator_seconds=order.price["calculator_seconds"], total_seconds=order.total_seconds)
    price = shown(
        order.price, language, priced_at=order.created_at, valid_until=order.valid_until, timing=timing
    )
    return OrderRead(**dict(row), price=price)
