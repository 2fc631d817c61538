"""What happens to orders that others care about."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """There is a new order at a price."""

    name: ClassVar[str] = "orders.order_placed"

    order_id: UUID
