"""How the order services are built."""

from typing import Annotated

from fastapi import Depends

from app.calculations.dependencies import CalculationServiceDep
from app.core.db import ReadSessionDep, SessionDep
from app.files.dependencies import FileReaderDep, FileServiceDep
from app.orders.repository import OrderRepository
from app.orders.service import OrderService


async def order_service(
    session: SessionDep, files: FileServiceDep, calculations: CalculationServiceDep
) -> OrderService:
    """The service for requests that change orders."""
    return OrderService(OrderRepository(session), files, calculations)


async def order_reader(
    session: ReadSessionDep, files: FileReaderDep, calculations: CalculationServiceDep
) -> OrderService:
    """The service for requests that only ask."""
    return OrderService(OrderRepository(session), files, calculations)


OrderServiceDep = Annotated[OrderService, Depends(order_service)]
OrderReaderDep = Annotated[OrderService, Depends(order_reader)]
