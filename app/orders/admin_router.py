"""The orders of others, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.auth.dependencies import KnownUserId
from app.auth.errors import AccountMissing
from app.core.errors import Forbidden, Unauthorized, problems
from app.core.pagination import Page, Slice
from app.orders.dependencies import OrderReaderDep
from app.orders.models import Order
from app.orders.schemas import OrderQuery, OrderRow

router = APIRouter(tags=["administration"])


@router.get(
    "/users/{user_id}/orders",
    response_model=Page[OrderRow],
    responses=problems(Unauthorized, Forbidden, AccountMissing),
)
async def list_orders_of(
    orders: OrderReaderDep, user_id: KnownUserId, query: Annotated[OrderQuery, Query()]
) -> Slice[Order]:
    """The orders of a user, newest first."""
    return await orders.search(user_id, query)
