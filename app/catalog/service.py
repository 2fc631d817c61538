"""The catalogue for customers, in their language."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel

from app.catalog.client import CatalogClient
from app.catalog.errors import ServiceUnknown
from app.catalog.schemas import (
    Coefficients,
    LocationList,
    MachineList,
    MaterialList,
    ProcessList,
    ServiceList,
)
from app.contract.catalog import Catalog, CatalogService
from app.core.errors import not_usable
from app.core.locale import Language, spoken

L = TypeVar("L", bound=BaseModel)


class CatalogueService:
    """Answers catalogue questions from the kept catalogue."""

    def __init__(self, client: CatalogClient) -> None:
        self.client = client

    async def current(self) -> Catalog:
        """The whole public catalogue."""
        return await self.client.current()

    async def refreshed(self) -> Catalog:
        """The catalogue asked for anew, after the calculator spoke of another version."""
        return await self.client.refresh()

    async def service(self, service_id: str) -> CatalogService:
        """One service of the shop.

        Raises:
            ServiceUnknown: there is none with this id.
        """
        catalog = await self.client.current()
        for service in catalog.services:
            if service.id == service_id:
                return service
        raise ServiceUnknown(service_id, [service.id for service in catalog.services])

    async def services(self, language: Language, *, on_request_only: bool = False) -> ServiceList:
        """The services, or those without automatic price."""
        catalog = await self.client.current()
        rows = [row for row in catalog.services if not on_request_only or row.pricing == "on_request"]
        return _listed(ServiceList, catalog, rows, language)

    async def materials(self, language: Language, process: str | None) -> MaterialList:
        """The materials, or those a process can use in some form.

        Raises:
            Rejected: no such process.
        """
        catalog = await self.client.current()
        if process is not None and process not in {service.id for service in catalog.services}:
            raise not_usable("process", f"there is no process {process!r}", "unknown")
        rows = [
            row
            for row in catalog.materials
            if process is None or any(process in form.processes for form in row.forms)
        ]
        return _listed(MaterialList, catalog, rows, language)

    async def coefficients(self, language: Language) -> Coefficients:
        """Everything that can be chosen besides material and process."""
        catalog = await self.client.current()
        groups = {
            name: _rows(getattr(catalog, name), language)
            for name in ("tolerances", "finishes", "covers", "controls", "certificates")
        }
        return Coefficients.model_validate({**groups, "catalog_version": catalog.version})

    async def locations(self, language: Language) -> LocationList:
        """Where the shop makes parts."""
        catalog = await self.client.current()
        return _listed(LocationList, catalog, catalog.locations, language)

    async def machines(self, language: Language) -> MachineList:
        """The machines and their working space."""
        catalog = await self.client.current()
        return _listed(MachineList, catalog, catalog.machines, language)

    async def processes(self, language: Language) -> ProcessList:
        """The processes with a price, each with the JSON Schema of its parameters."""
        catalog = await self.client.current()
        return _listed(ProcessList, catalog, catalog.processes, language)


def _listed(kind: type[L], catalog: Catalog, rows: Iterable[BaseModel], language: Language) -> L:
    return kind.model_validate({"items": _rows(rows, language), "catalog_version": catalog.version})


def _rows(rows: Iterable[BaseModel], language: Language) -> list[object]:
    return [spoken(row.model_dump(mode="json"), language) for row in rows]
