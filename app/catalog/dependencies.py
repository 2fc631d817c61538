"""How the catalogue service is built."""

from typing import Annotated

from fastapi import Depends, Request

from app.catalog.client import CatalogClient
from app.catalog.service import CatalogueService


async def catalogue_service(request: Request) -> CatalogueService:
    """The service over the kept catalogue."""
    return CatalogueService(request.state.resources.get(CatalogClient))


CatalogueServiceDep = Annotated[CatalogueService, Depends(catalogue_service)]
