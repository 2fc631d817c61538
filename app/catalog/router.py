"""The HTTP of the catalogue: public, cacheable, in the client's language."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.auth.limits import everybody
from app.catalog.dependencies import CatalogueServiceDep
from app.catalog.schemas import (
    Coefficients,
    LocationList,
    MachineList,
    MaterialList,
    ProcessList,
    ServiceList,
)
from app.core.errors import TooManyRequests, problems
from app.core.http import upstream_errors
from app.core.locale import Language, client_language

CACHE_SECONDS = 60


async def cacheable(response: Response) -> None:
    """Let browsers keep the catalogue for a minute."""
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"


router = APIRouter(
    tags=["catalogue"],
    dependencies=[Depends(everybody), Depends(cacheable)],
    responses=problems(TooManyRequests, *upstream_errors("calculator")),
)
LanguageDep = Annotated[Language, Depends(client_language)]


@router.get("/services")
async def list_services(catalogue: CatalogueServiceDep, language: LanguageDep) -> ServiceList:
    """All services, and whether each prices itself."""
    return await catalogue.services(language)


@router.get("/other-services")
async def list_other_services(catalogue: CatalogueServiceDep, language: LanguageDep) -> ServiceList:
    """The services that are priced on request."""
    return await catalogue.services(language, on_request_only=True)


@router.get("/materials")
async def list_materials(
    catalogue: CatalogueServiceDep,
    language: LanguageDep,
    process: Annotated[str | None, Query(max_length=64)] = None,
) -> MaterialList:
    """The materials with the forms they come in, all or those of one process."""
    return await catalogue.materials(language, process)


@router.get("/coefficients")
async def list_coefficients(catalogue: CatalogueServiceDep, language: LanguageDep) -> Coefficients:
    """Tolerances, finishes, covers, controls and certificates to choose from."""
    return await catalogue.coefficients(language)


@router.get("/locations")
async def list_locations(catalogue: CatalogueServiceDep, language: LanguageDep) -> LocationList:
    """Where parts are made."""
    return await catalogue.locations(language)


@router.get("/machines")
async def list_machines(catalogue: CatalogueServiceDep, language: LanguageDep) -> MachineList:
    """The machines and their working space."""
    return await catalogue.machines(language)


@router.get("/processes")
async def list_processes(catalogue: CatalogueServiceDep, language: LanguageDep) -> ProcessList:
    """The processes that price themselves, each with the JSON Schema of its ``params``."""
    return await catalogue.processes(language)
