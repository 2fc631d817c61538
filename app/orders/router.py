"""The HTTP of orders."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.auth.dependencies import CurrentUser
from app.auth.errors import ScopeMissing
from app.auth.idempotency import IDEMPOTENCY_FAILURES, once_per_key
from app.auth.keys_dependencies import owner_with
from app.auth.models import KeyScope
from app.calculations.errors import PRICE_FAILURES
from app.core.errors import StorageFull, Unauthorized, problems
from app.core.idempotency import IdempotentRoute
from app.core.locale import Language, client_language
from app.core.pagination import Page, Slice
from app.core.versions import HAS_VERSION, VERSION_HEADER, telling_version
from app.documents.schemas import DocumentQuery, DocumentRead
from app.orders.dependencies import OrderDocumentsDep, OrderReaderDep, OrderServiceDep
from app.orders.errors import OrderMissing, QuoteChanged
from app.orders.models import Order
from app.orders.schemas import OrderCreate, OrderQuery, OrderRead, OrderRow, described

router = APIRouter(prefix="/orders", tags=["orders"], route_class=IdempotentRoute)
LOCATION = {"schema": {"type": "string"}, "description": "The address of the order."}
LanguageDep = Annotated[Language, Depends(client_language)]
OwnerId = Annotated[UUID, Depends(owner_with(KeyScope.orders_read))]


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(once_per_key)],
    responses={
        201: {"headers": {"Location": LOCATION, **VERSION_HEADER}},
        **problems(*PRICE_FAILURES, QuoteChanged, StorageFull, *IDEMPOTENCY_FAILURES),
    },
)
async def place_order(
    orders: OrderServiceDep, user: CurrentUser, draft: OrderCreate, language: LanguageDep, response: Response
) -> OrderRead:
    """Price the part and place the order at that price."""
    order = await orders.place(user.id, draft)
    response.headers["Location"] = f"{orders.files.links.prefix}/orders/{order.id}"
    return telling_version(response, described(order, language))


@router.get("", response_model=Page[OrderRow], responses=problems(Unauthorized, ScopeMissing))
async def list_orders(
    orders: OrderReaderDep, owner_id: OwnerId, query: Annotated[OrderQuery, Query()]
) -> Slice[Order]:
    """Your orders, newest first; also for programs with a key that may read orders."""
    return await orders.search(owner_id, query)


@router.get(
    "/{order_id}",
    responses={**HAS_VERSION, **problems(Unauthorized, ScopeMissing, OrderMissing)},
)
async def get_order(
    orders: OrderReaderDep, owner_id: OwnerId, order_id: UUID, language: LanguageDep, response: Response
) -> OrderRead:
    """One order with the price it was placed at; also for programs with a key that may read orders."""
    order = await orders.get(owner_id, order_id)
    return telling_version(response, described(order, language))


@router.get(
    "/{order_id}/documents",
    response_model=Page[DocumentRead],
    responses=problems(Unauthorized, OrderMissing),
)
async def list_order_documents(
    documents: OrderDocumentsDep,
    user: CurrentUser,
    order_id: UUID,
    query: Annotated[DocumentQuery, Query()],
) -> Slice[DocumentRead]:
    """The documents that go with an order, newest first."""
    return await documents.of(user.id, order_id, query)
