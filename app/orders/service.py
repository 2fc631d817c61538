"""Placing orders and looking at them."""

import time
from uuid import UUID

from app.calculations.service import CalculationService
from app.contract.pricing import Price, PriceChoices
from app.core.clock import now
from app.core.errors import not_usable
from app.core.outbox import Outbox
from app.core.pagination import Slice
from app.documents.schemas import DocumentQuery, DocumentRead
from app.documents.service import DocumentService
from app.files.incoming import in_pieces
from app.files.service import FileService
from app.orders.errors import OrderMissing, QuoteChanged
from app.orders.events import OrderPlaced
from app.orders.models import Order, OrderStatus, StoredOrder
from app.orders.numbers import new_number
from app.orders.repository import OrderRepository
from app.orders.schemas import OrderCreate, OrderQuery, PastOrder


class OrderReader:
    """Looking at orders of their owners."""

    def __init__(self, orders: OrderRepository) -> None:
        self.orders = orders

    async def search(self, owner_id: UUID, query: OrderQuery) -> Slice[Order]:
        """The orders of an owner."""
        return await self.orders.list_owned(owner_id, query)

    async def get(self, owner_id: UUID, order_id: UUID) -> StoredOrder:
        """One own order.

        Raises:
            OrderMissing: there is none, or it is somebody else's.
        """
        order = await self.orders.find_owned(order_id, owner_id)
        if order is None:
            raise OrderMissing
        return order

    async def recent(self, most: int) -> list[PastOrder]:
        """The newest orders, whoever placed them, with what is needed to price them again."""
        rows = await self.orders.list_recent(most)
        await self.orders.release()
        return [PastOrder.model_validate(row) for row in rows]


class OrderDocuments:
    """What goes with orders."""

    def __init__(self, orders: OrderRepository, documents: DocumentService) -> None:
        self.orders = orders
        self.documents = documents

    async def of(self, owner_id: UUID, order_id: UUID, query: DocumentQuery) -> Slice[DocumentRead]:
        """The documents of an own order.

        Raises:
            OrderMissing: there is none, or it is somebody else's.
        """
        if await self.orders.find_owned(order_id, owner_id) is None:
            raise OrderMissing
        return await self.documents.among(await self.orders.document_ids(order_id), query)


class OrderService:
    """Placing orders; ``documents`` are only asked, outside the transaction."""

    def __init__(
        self,
        orders: OrderRepository,
        files: FileService,
        documents: DocumentService,
        calculations: CalculationService,
        outbox: Outbox,
    ) -> None:
        self.orders = orders
        self.files = files
        self.documents = documents
        self.calculations = calculations
        self.outbox = outbox

    async def place(self, owner_id: UUID, draft: OrderCreate) -> Order:
        """Price the part now and store the order at that price.

        The calculator is asked before the transaction begins; a file sent inside the request becomes a
        file of the owner, so that the order keeps its part.

        Raises:
            QuoteChanged: the price is not the one the caller insists on.
            Rejected: a document is not the caller's, or the deadline is over.
            Whatever :meth:`CalculationService.quote` and :meth:`FileService.store` raise.
        """
        self._check(draft)
        document_ids = await self.documents.attachable(owner_id, draft.document_ids)
        started = time.perf_counter()
        price = await self.calculations.quote(owner_id, draft, costs=True)
        seconds = time.perf_counter() - started
        if draft.quote_hash not in {None, price.quote_hash}:
            raise QuoteChanged
        file_id, file_name = await self._part(owner_id, draft)
        order = await self.orders.add(
            Order(
                owner_id=owner_id,
                number=new_number(),
                status=OrderStatus.new,
                name=draft.name or file_name or draft.service_id,
                code=draft.code,
                note=draft.note,
                deadline=draft.deadline,
                file_id=file_id,
                choices=_choices(draft),
                total_seconds=round(seconds, 6),
                valid_until=now() + self.calculations.validity,
                **_priced(price),
            )
        )
        await self.orders.attach(order.id, document_ids)
        await self.outbox.publish(OrderPlaced(order.id))
        return order

    @staticmethod
    def _check(draft: OrderCreate) -> None:
        if draft.deadline is not None and draft.deadline < now().date():
            raise not_usable("deadline", "lies in the past")

    async def _part(self, owner_id: UUID, draft: OrderCreate) -> tuple[UUID | None, str | None]:
        """The file of the order and its name; a file sent along is stored."""
        if draft.file is not None:
            content = await self.calculations.inline_bytes(draft.file)
            stored = await self.files.store(owner_id, draft.file.name, in_pieces(content))
            return stored.id, stored.name
        if draft.file_id is not None:
            return draft.file_id, (await self.files.get(owner_id, draft.file_id)).name
        return None, None


def _choices(draft: OrderCreate) -> dict[str, object]:
    """What the customer chose, as sent: enough to price the order again."""
    names = {*PriceChoices.model_fields, "dimensions"}
    return draft.model_dump(mode="json", include=names)


def _priced(price: Price) -> dict[str, object]:
    return {
        "service_id": price.service_id,
        "quantity": price.quantity,
        "currency": price.currency,
        "unit_price": price.unit_price,
        "total_price": price.total_price,
        "quote_hash": price.quote_hash,
        "price": price.model_dump(mode="json"),
    }
