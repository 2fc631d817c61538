"""Versions of the catalogue, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.audit.service import Actor
from app.auth.dependencies import CurrentAdmin
from app.auth.errors import ScopeMissing
from app.catalog.dependencies import VersionReaderDep, VersionServiceDep
from app.catalog.errors import (
    CatalogInvalid,
    NothingChanged,
    VersionExists,
    VersionMissing,
    VersionOutdated,
    VersionPublished,
)
from app.catalog.export import MEDIA_TYPES, ExportFormat, as_csv, as_toml
from app.catalog.models import CatalogVersion
from app.catalog.schemas import VersionCreate, VersionQuery, VersionRead, VersionRow
from app.catalog.versions import Export
from app.contract.base import STORABLE
from app.core.errors import Forbidden, Unauthorized, WriteConflict, problems
from app.core.http import upstream_errors
from app.core.names import attachment
from app.core.pagination import Page, Slice

router = APIRouter(prefix="/admin/catalog/versions", tags=["administration"])
CALCULATOR = upstream_errors("calculator")


@router.get(
    "",
    response_model=Page[VersionRow],
    responses=problems(Unauthorized, Forbidden, ScopeMissing, *CALCULATOR),
)
async def list_versions(
    versions: VersionReaderDep, query: Annotated[VersionQuery, Query()]
) -> Slice[CatalogVersion]:
    """The versions, newest first; `?status=published` is the one prices go by."""
    return await versions.search(query)


@router.post(
    "",
    status_code=201,
    responses=problems(
        Unauthorized, Forbidden, CatalogInvalid, NothingChanged, VersionExists, WriteConflict, *CALCULATOR
    ),
)
async def propose_version(
    versions: VersionServiceDep, admin: CurrentAdmin, draft: VersionCreate
) -> VersionRead:
    """A draft with changes to the published version, from TOML, CSV or JSON; prices do not go by it yet."""
    return await versions.propose(Actor.user(admin.id), draft)


@router.get(
    "/{version_id}",
    responses=problems(Unauthorized, Forbidden, ScopeMissing, VersionMissing, *CALCULATOR),
)
async def get_version(versions: VersionReaderDep, version_id: UUID) -> VersionRead:
    """A version with all its rows, rates included, and what it changes of its parent."""
    return await versions.get(version_id)


@router.get(
    "/{version_id}/rows.toml",
    response_class=Response,
    responses=problems(Unauthorized, Forbidden, ScopeMissing, VersionMissing, *CALCULATOR)
    | {200: {"content": {"application/toml": {}}}},
)
async def export_toml(versions: VersionReaderDep, version_id: UUID) -> Response:
    """All rows of a version, as `toml` of a proposal takes them."""
    export = await versions.export(version_id, None)
    return _file(export, ExportFormat.toml, as_toml(export.rows))


@router.get(
    "/{version_id}/rows.csv",
    response_class=Response,
    responses=problems(Unauthorized, Forbidden, ScopeMissing, VersionMissing, *CALCULATOR)
    | {200: {"content": {"text/csv": {}}}},
)
async def export_csv(
    versions: VersionReaderDep, version_id: UUID, table: Annotated[str, Query(max_length=64), STORABLE]
) -> Response:
    """The rows of one table of a version, as `csv` of a proposal takes them under the table's name."""
    export = await versions.export(version_id, table)
    return _file(export, ExportFormat.csv, as_csv(export.rows))


def _file(export: Export, kind: ExportFormat, text: str) -> Response:
    headers = {"Content-Disposition": attachment(f"{export.name}.{kind}")}
    return Response(text, media_type=MEDIA_TYPES[kind], headers=headers)


@router.post(
    "/{version_id}/publish",
    response_model=VersionRow,
    responses=problems(
        Unauthorized,
        Forbidden,
        VersionMissing,
        VersionPublished,
        VersionOutdated,
        CatalogInvalid,
        WriteConflict,
        *CALCULATOR,
    ),
)
async def publish_version(
    versions: VersionServiceDep, admin: CurrentAdmin, version_id: UUID
) -> CatalogVersion:
    """From now on prices go by this version; one that was published before rolls back to it."""
    return await versions.publish(Actor.user(admin.id), version_id)
