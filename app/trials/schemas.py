"""Dry-runs on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.contract.base import Money
from app.core.schemas import Schema

MOST_ORDERS = 200


class TrialQuery(Schema):
    """How many of the newest orders are priced again."""

    limit: Annotated[int, Field(ge=1, le=MOST_ORDERS)] = 50


class Refusal(Schema):
    """Why there is no price."""

    code: str
    detail: str


class Outcome(Schema):
    """The total of an order under one version, or why there is none."""

    total_price: Money | None
    problem: Refusal | None


class OrderTrial(Schema):
    """An order priced under both versions; ``difference`` is what it would cost more."""

    order_id: UUID
    number: str
    service_id: str
    quantity: int
    ordered_total: Money = Field(description="What it was ordered at, whichever version held then.")
    before: Outcome
    after: Outcome
    difference: Money | None


class TrialTotals(Schema):
    """Sums over the orders that have a price under both versions."""

    orders: int
    before: Money
    after: Money
    difference: Money


class TrialRead(Schema):
    """Past orders under the published version (before) and under another (after)."""

    version: str
    published_version: str
    items: list[OrderTrial]
    totals: TrialTotals
    skipped: int = Field(description="Orders whose part is not known any more, or was never measured.")
