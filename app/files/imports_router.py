"""The HTTP of imports."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.auth.dependencies import CurrentUser
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.errors import Unauthorized, problems
from app.core.outbox import build_outbox
from app.files.imports import ImportService
from app.files.imports_errors import ImportMissing, TooManyImports
from app.files.imports_schemas import ImportCreate, ImportRead
from app.files.repository import ImportRepository

router = APIRouter(prefix="/files", tags=["files"])


async def import_service(request: Request, session: SessionDep) -> ImportService:
    """The service for requests that begin imports."""
    return ImportService(ImportRepository(session), build_outbox(request.state.resources, session))


async def import_reader(request: Request, session: ReadSessionDep) -> ImportService:
    """The service for requests that only ask."""
    return ImportService(ImportRepository(session), build_outbox(request.state.resources, session))


@router.post(
    "/import",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}}}},
        **problems(Unauthorized, TooManyImports),
    },
)
async def import_files(
    request: Request,
    response: Response,
    imports: Annotated[ImportService, Depends(import_service)],
    user: CurrentUser,
    wanted: ImportCreate,
) -> ImportRead:
    """Fetch up to 20 files from public addresses, in the background; `Location` tells how far it is."""
    begun = await imports.begin(user.id, wanted.urls)
    prefix = request.state.resources.get(Settings).server.api_path
    response.headers["Location"] = f"{prefix}/files/imports/{begun.id}"
    return begun


@router.get("/imports/{import_id}", responses=problems(Unauthorized, ImportMissing))
async def get_import(
    imports: Annotated[ImportService, Depends(import_reader)], user: CurrentUser, import_id: UUID
) -> ImportRead:
    """How far an import is, and what became of each address; kept for a week."""
    return await imports.get(user.id, import_id)
