"""The catalogue for customers, in their language."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog
from pydantic import BaseModel

from app.catalog.client import CatalogClient
from app.catalog.errors import CatalogInvalid, ServiceUnknown, VersionMissing, VersionUnknown
from app.catalog.library import VersionLibrary
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

log = structlog.get_logger("app")

T = TypeVar("T")
L = TypeVar("L", bound=BaseModel)
Adopt = Callable[[], Awaitable[None]]
MOST_CALCULATORS = 4
"""Behind one address."""


class CatalogueService:
    """Answers questions about the published version, and about others by their names."""

    def __init__(self, client: CatalogClient, library: VersionLibrary, adopt: Adopt) -> None:
        self.client = client
        self.library = library
        self.adopt = adopt

    async def current(self) -> Catalog:
        """The whole public catalogue."""
        return await self.by_current(self.client.public)

    async def current_version(self) -> str:
        """The name of the version prices go by; the very first is the one the calculator came with."""
        version = await self.library.published()
        if version is None:
            await self.adopt()
            version = await self.library.published()
        if version is None:
            raise VersionMissing
        return version

    async def by_current(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """The calculator's answer to a question that names the published version.

        A calculator that cannot use that version may be a newer one, whose rows are taken in then.

        Raises:
            UpstreamFailed: it cannot use what results either.
            Whatever asking raises.
        """
        version = await self.current_version()
        try:
            return await self.by_version(version, ask)
        except CatalogInvalid as error:
            log.warning("catalogue refused by the calculator", version=version, reason=error.detail)
        try:
            await self.adopt()
            return await self.by_version(await self.current_version(), ask)
        except (CatalogInvalid, VersionMissing) as error:
            log.error("no catalogue to price by", version=version, reason=error.detail)  # noqa: TRY400 - expected
        raise self.client.upstream.errors.failed

    async def by_version(self, version: str, ask: Callable[[str], Awaitable[T]]) -> T:
        """The calculator's answer to a question that names this version, which is sent to it where needed.

        Several calculators may stand behind one address and take turns: with each round one more copy is
        sent than there were before, so that turns never keep one of them without.

        Raises:
            VersionMissing: nobody knows this version any more.
            CatalogInvalid: the calculator cannot use it.
            Whatever asking raises.
        """
        for copies in range(1, MOST_CALCULATORS + 1):
            try:
                return await ask(version)
            except VersionUnknown:
                await self._send(version, copies)
        try:
            return await ask(version)
        except VersionUnknown:
            raise self.client.upstream.errors.failed from None

    async def _send(self, version: str, copies: int) -> None:
        content = await self.library.content(version)
        if content is None:
            raise VersionMissing
        for _ in range(copies):
            await self.client.send(content)

    async def service(self, service_id: str) -> CatalogService:
        """One service of the shop.

        Raises:
            ServiceUnknown: there is none with this id.
        """
        catalog = await self.current()
        for service in catalog.services:
            if service.id == service_id:
                return service
        raise ServiceUnknown(service_id, [service.id for service in catalog.services])

    async def services(self, language: Language, *, on_request_only: bool = False) -> ServiceList:
        """The services, or those without automatic price."""
        catalog = await self.current()
        rows = [row for row in catalog.services if not on_request_only or row.pricing == "on_request"]
        return _listed(ServiceList, catalog, rows, language)

    async def materials(self, language: Language, process: str | None) -> MaterialList:
        """The materials, or those a process can use in some form.

        Raises:
            Rejected: no such process.
        """
        catalog = await self.current()
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
        catalog = await self.current()
        groups = {
            name: _rows(getattr(catalog, name), language)
            for name in ("tolerances", "finishes", "covers", "controls", "certificates")
        }
        return Coefficients.model_validate({**groups, "catalog_version": catalog.version})

    async def locations(self, language: Language) -> LocationList:
        """Where the shop makes parts."""
        catalog = await self.current()
        return _listed(LocationList, catalog, catalog.locations, language)

    async def machines(self, language: Language) -> MachineList:
        """The machines and their working space."""
        catalog = await self.current()
        return _listed(MachineList, catalog, catalog.machines, language)

    async def processes(self, language: Language) -> ProcessList:
        """The processes with a price, each with the JSON Schema of its parameters."""
        catalog = await self.current()
        return _listed(ProcessList, catalog, catalog.processes, language)


def _listed(kind: type[L], catalog: Catalog, rows: Iterable[BaseModel], language: Language) -> L:
    return kind.model_validate({"items": _rows(rows, language), "catalog_version": catalog.version})


def _rows(rows: Iterable[BaseModel], language: Language) -> list[object]:
    return [spoken(row.model_dump(mode="json"), language) for row in rows]
