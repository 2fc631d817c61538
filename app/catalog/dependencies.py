"""How the catalogue service is built."""

from typing import Annotated

from fastapi import Depends, Request

from app.catalog.client import CatalogClient
from app.catalog.service import CatalogueService
from app.core.resources import Resources


def build_catalogue(resources: Resources) -> CatalogueService:
    """The service over the kept catalogue."""
    return CatalogueService(resources.get(CatalogClient))


async def catalogue_service(request: Request) -> CatalogueService:
    """The service for a request."""
    return build_catalogue(request.state.resources)


CatalogueServiceDep = Annotated[CatalogueService, Depends(catalogue_service)]
