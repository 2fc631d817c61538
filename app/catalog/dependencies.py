"""How the catalogue services are built, and who may look behind the counter."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.dependencies import AuditLogDep, audit_log
from app.audit.service import AuditLog
from app.auth.dependencies import CurrentAdmin, OptionalUser
from app.auth.errors import ScopeMissing
from app.auth.keys_dependencies import OptionalKey
from app.auth.models import KeyScope
from app.catalog.client import CatalogClient
from app.catalog.library import VersionLibrary
from app.catalog.repository import VersionRepository
from app.catalog.service import CatalogueService
from app.catalog.versions import VersionReader, VersionService
from app.core.db import Database, ReadSessionDep, SessionDep, release
from app.core.errors import Forbidden, Unauthorized
from app.core.resources import Resources


def build_catalogue(resources: Resources) -> CatalogueService:
    """The service over a process's clients."""

    async def adopt() -> None:
        shipped = await resources.get(CatalogClient).shipped()
        async with resources.get(Database).transaction() as session:
            await build_versions(resources, session, audit_log(session)).adopt(shipped)

    return CatalogueService(resources.get(CatalogClient), resources.get(VersionLibrary), adopt)


def build_versions(resources: Resources, session: AsyncSession, audit: AuditLog) -> VersionService:
    """Versions over a database session."""
    return VersionService(
        VersionRepository(session),
        resources.get(VersionLibrary),
        build_catalogue(resources),
        resources.get(CatalogClient),
        audit,
    )


def build_version_reader(session: AsyncSession) -> VersionReader:
    """Looking at versions over a database session."""
    return VersionReader(VersionRepository(session))


async def catalogue_service(request: Request) -> CatalogueService:
    """The service for a request."""
    return build_catalogue(request.state.resources)


CatalogueServiceDep = Annotated[CatalogueService, Depends(catalogue_service)]


async def insider(user: OptionalUser, key: OptionalKey) -> None:
    """Administrators, and programs whose key shows costs."""
    if user is not None and user.is_admin:
        return
    if key is not None and KeyScope.catalog_read not in key.scopes:
        raise ScopeMissing(f"The key needs the scope {KeyScope.catalog_read.value}.")
    if key is None:
        raise Unauthorized if user is None else Forbidden


async def version_one(catalogue: CatalogueServiceDep, session: ReadSessionDep) -> None:
    """There is a published version from the first question on."""
    await release(session)
    await catalogue.current_version()


async def version_reader(
    _: Annotated[None, Depends(insider)], __: Annotated[None, Depends(version_one)], session: ReadSessionDep
) -> VersionReader:
    """Versions for requests that only ask."""
    return build_version_reader(session)


async def version_service(
    request: Request,
    _: CurrentAdmin,
    __: Annotated[None, Depends(version_one)],
    session: SessionDep,
    audit: AuditLogDep,
) -> VersionService:
    """Versions, within the transaction of the request."""
    return build_versions(request.state.resources, session, audit)


VersionReaderDep = Annotated[VersionReader, Depends(version_reader)]
VersionServiceDep = Annotated[VersionService, Depends(version_service)]
