"""How the order services are built."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.calculations.dependencies import build_calculations
from app.core.db import ReadSessionDep, SessionDep
from app.core.outbox import build_outbox
from app.core.resources import Resources
from app.documents.dependencies import build_documents
from app.files.dependencies import build_files
from app.orders.repository import OrderRepository
from app.orders.service import OrderDocuments, OrderReader, OrderService


async def order_service(request: Request, session: SessionDep, reads: ReadSessionDep) -> OrderService:
    """The service for requests that change orders; pricing only asks, outside their transaction."""
    resources = request.state.resources
    files, documents = build_files(resources, session), build_documents(resources, reads)
    calculations, outbox = build_calculations(resources, reads), build_outbox(resources, session)
    return OrderService(OrderRepository(session), files, documents, calculations, outbox)


async def order_reader(session: ReadSessionDep) -> OrderReader:
    """The service for requests that only ask."""
    return OrderReader(OrderRepository(session))


async def order_documents(request: Request, session: ReadSessionDep) -> OrderDocuments:
    """What goes with orders, for requests that only ask."""
    return OrderDocuments(OrderRepository(session), build_documents(request.state.resources, session))


async def erase_orders(_: Resources, session: AsyncSession, owner_id: UUID) -> None:
    """Delete all orders of an owner; a step of `Erasure`."""
    await OrderRepository(session).erase_owned(owner_id)


OrderServiceDep = Annotated[OrderService, Depends(order_service)]
OrderReaderDep = Annotated[OrderReader, Depends(order_reader)]
OrderDocumentsDep = Annotated[OrderDocuments, Depends(order_documents)]
