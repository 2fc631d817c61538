"""The table of orders: each row holds the price it was placed at."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, Row, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import User
from app.core.models import Base, Record, stored_enum
from app.documents.models import Document
from app.files.models import File


class OrderStatus(StrEnum):
    """Where an order stands."""

    draft = "draft"
    new = "new"
    preparation = "preparation"
    awaiting_payment = "awaiting_payment"
    in_production = "in_production"
    final_invoice = "final_invoice"
    completed = "completed"
    cancelled = "cancelled"
    lost = "lost"


class Order(Record):
    """A part, a quantity and the price they were ordered at."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_owner_id_created_at_id", "owner_id", "created_at", "id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("total_price > 0", name="total_price_positive"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    number: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[OrderStatus] = mapped_column(stored_enum(OrderStatus))
    name: Mapped[str] = mapped_column(String(255))
    code: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text())
    deadline: Mapped[date | None]
    service_id: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey(File.id), index=True)
    quantity: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    unit_price: Mapped[Decimal]
    total_price: Mapped[Decimal]
    valid_until: Mapped[datetime]
    quote_hash: Mapped[str] = mapped_column(String(64))
    choices: Mapped[dict[str, Any]] = mapped_column(JSON())
    price: Mapped[dict[str, Any]] = mapped_column(JSON())
    total_seconds: Mapped[float] = mapped_column(Float())


class OrderDocument(Base):
    """A document that goes with an order; it stays as long as the order does."""

    __tablename__ = "order_documents"

    order_id: Mapped[UUID] = mapped_column(ForeignKey(Order.id, ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey(Document.id), primary_key=True, index=True)


StoredOrder = Order | Row[Any]
"""An order as an object, or as the columns of its row where it is only read."""
