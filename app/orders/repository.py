"""The questions asked about orders."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, or_, select

from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains
from app.files.models import File
from app.orders.models import Order, OrderDocument
from app.orders.schemas import OrderQuery, OrderSort

ORDER_BY: dict[OrderSort, Ordering] = {
    OrderSort.newest: Ordering(Order.created_at, descending=True),
    OrderSort.oldest: Ordering(Order.created_at),
    OrderSort.cheapest: Ordering(Order.total_price),
    OrderSort.dearest: Ordering(Order.total_price, descending=True),
    OrderSort.name: Ordering(Order.name),
    OrderSort.name_descending: Ordering(Order.name, descending=True),
}
RECENT = (Order.id, Order.number, Order.service_id, Order.quantity, Order.total_price, Order.choices)
OWNED = select(Order.__table__).where(
    Order.id == bindparam("order_id"), Order.owner_id == bindparam("owner_id")
)
"""Asked often: put together once, and over the table, which spares the mapper."""


class OrderRepository(Repository[Order]):
    """Orders of their owners."""

    model: ClassVar[type[Order]] = Order

    async def list_owned(self, owner_id: UUID, query: OrderQuery) -> Slice[Order]:
        """The orders of one owner."""
        statement = select(Order).where(Order.owner_id == owner_id)
        if query.status:
            statement = statement.where(Order.status.in_(query.status))
        if query.service_id:
            statement = statement.where(Order.service_id == query.service_id)
        if query.search:
            columns = (Order.number, Order.name, Order.code)
            statement = statement.where(or_(*(contains(column, query.search) for column in columns)))
        return await self._slice(statement, query, ORDER_BY[query.sort])

    async def list_recent(self, most: int) -> Sequence[Row[Any]]:
        """The newest orders of all owners: what was chosen, at what total, and the content of the part."""
        statement = (
            select(*RECENT, File.sha256)
            .outerjoin(File, File.id == Order.file_id)
            .where(Order.total_price.is_not(None))
            .order_by(Order.id.desc())  # ids are in the order of time
        )
        return (await self.session.execute(statement.limit(most))).all()

    async def erase_owned(self, owner_id: UUID) -> None:
        """Delete all orders of an owner."""
        await self.session.execute(delete(Order).where(Order.owner_id == owner_id))

    async def attach(self, order_id: UUID, document_ids: Sequence[UUID]) -> None:
        """Keep these documents with an order."""
        self.session.add_all(
            OrderDocument(order_id=order_id, document_id=document_id) for document_id in document_ids
        )
        await self.session.flush()

    async def document_ids(self, order_id: UUID) -> Sequence[UUID]:
        """The documents of an order."""
        statement = select(OrderDocument.document_id).where(OrderDocument.order_id == order_id)
        return (await self.session.scalars(statement)).all()

    async def find_owned(self, order_id: UUID, owner_id: UUID) -> Row[Any] | None:
        """The columns of an order of this owner, for reading only."""
        asked = {"order_id": order_id, "owner_id": owner_id}
        return (await self.session.execute(OWNED, asked)).one_or_none()
