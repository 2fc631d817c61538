"""How the upload service is built, and what the headers of the protocol say."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import CurrentUser
from app.core.body import media_type
from app.core.config import Settings
from app.core.db import Database
from app.core.quotas import Used
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.dependencies import build_files
from app.uploads.body import Body, read_checksum
from app.uploads.errors import ProtocolUnknown, WrongKindOfBody
from app.uploads.repository import UploadRepository
from app.uploads.service import Desk, OpenDesk, UploadService

VERSION = "1.0.0"
OFFSET_BODY = "application/offset+octet-stream"
MOST_METADATA = 4096


def build_uploads(resources: Resources) -> UploadService:
    """Uploads over a process's clients, in units of work of their own."""
    database = resources.get(Database)

    def desks(opened: Callable[[], AbstractAsyncContextManager[AsyncSession]]) -> OpenDesk:
        @asynccontextmanager
        async def desk() -> AsyncIterator[Desk]:
            async with opened() as session:
                yield Desk(UploadRepository(session), build_files(resources, session))

        return desk

    return UploadService(
        desks(database.transaction),
        desks(database.reading),
        resources.get(Storage),
        resources.get(Settings).storage,
    )


async def count_uploads(session: AsyncSession, owner_id: UUID) -> Used:
    """What an owner has announced; a counter of `Usage`."""
    return await UploadRepository(session).usage(owner_id)


async def erase_uploads(resources: Resources, session: AsyncSession, owner_id: UUID) -> None:
    """Delete all uploads of an owner; a step of `Erasure`."""
    uploads = UploadRepository(session)
    await build_uploads(resources).drop(uploads, await uploads.of_owner(owner_id))


async def upload_service(request: Request) -> UploadService:
    """The service for a request."""
    return build_uploads(request.state.resources)


async def same_protocol(tus_resumable: Annotated[str, Header()] = VERSION) -> None:
    """Refuse other versions of the protocol; who says none means ours."""
    if tus_resumable != VERSION:
        raise ProtocolUnknown(headers={"Tus-Version": VERSION})


async def arriving(
    request: Request, _: CurrentUser, upload_checksum: Annotated[str | None, Header(max_length=256)] = None
) -> Body:
    """The bytes that come with a request, of somebody signed in."""
    if media_type(request.headers) != OFFSET_BODY:
        raise WrongKindOfBody
    return Body(request.stream(), read_checksum(upload_checksum) if upload_checksum else None)


UploadServiceDep = Annotated[UploadService, Depends(upload_service)]
BodyDep = Annotated[Body, Depends(arriving)]
Length = Annotated[int, Header(alias="Upload-Length", ge=0, le=2**53)]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, le=2**53)]
Metadata = Annotated[str, Header(alias="Upload-Metadata", max_length=MOST_METADATA, pattern="^[ -~]*$")]
