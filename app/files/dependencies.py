"""How the file services are built."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.analyses.dependencies import build_analyses
from app.auth.dependencies import CurrentUser
from app.contents.dependencies import build_contents
from app.core.body import FORM_DATA, may_be_json, media_type, parse_json
from app.core.config import Settings
from app.core.db import ReadSessionDep, SessionDep
from app.core.download_links import DownloadLinks
from app.core.offload import Offload
from app.core.outbox import build_outbox
from app.core.quotas import Used, build_quotas
from app.core.resources import Resources
from app.core.signed_links import SignedLinks
from app.core.storage import Storage
from app.files.bulk import BulkFiles
from app.files.demo import DemoParts
from app.files.errors import UnknownKindOfUpload
from app.files.incoming import MultipartFile, Upload, decoded, in_pieces
from app.files.repository import FileRepository, ImportRepository
from app.files.schemas import FileUpload
from app.files.service import FileService


def build_files(resources: Resources, session: AsyncSession) -> FileService:
    """Files over a database session."""
    settings: Settings = resources.get(Settings)
    return FileService(
        FileRepository(session),
        build_analyses(resources),
        build_contents(resources, session),
        build_quotas(resources, session),
        settings.storage,
        DownloadLinks(resources.get(SignedLinks), resources.get(Storage)),
        build_outbox(resources, session),
    )


async def count_files(session: AsyncSession, owner_id: UUID) -> Used:
    """What an owner has in files; a counter of `Usage`."""
    return await FileRepository(session).usage(owner_id)


async def erase_files(resources: Resources, session: AsyncSession, owner_id: UUID) -> None:
    """Delete all files of an owner; a step of `Erasure`."""
    await ImportRepository(session).erase_owned(owner_id)
    await build_files(resources, session).erase(owner_id)


async def file_service(request: Request, session: SessionDep) -> FileService:
    """The service for requests that change files."""
    return build_files(request.state.resources, session)


async def file_reader(request: Request, session: ReadSessionDep) -> FileService:
    """The service for requests that only ask."""
    return build_files(request.state.resources, session)


async def bulk_service(request: Request, session: SessionDep) -> BulkFiles:
    """The service for requests that change many files."""
    return BulkFiles(FileRepository(session), build_contents(request.state.resources, session))


async def bulk_reader(request: Request, session: ReadSessionDep) -> BulkFiles:
    """The service for requests that only ask for many."""
    return BulkFiles(FileRepository(session), build_contents(request.state.resources, session))


async def upload(request: Request, _: CurrentUser) -> Upload:
    """The file somebody signed in sends: a multipart field, streamed, or base64 inside JSON."""
    kind = media_type(request.headers)
    if kind == FORM_DATA:
        form = MultipartFile(request.headers["content-type"], request.stream())
        return Upload(await form.opened(), form.chunks())
    if not may_be_json(kind):
        raise UnknownKindOfUpload
    resources: Resources = request.state.resources
    limit_bytes = resources.get(Settings).storage.max_base64_bytes
    body = await parse_json(request, FileUpload)
    content = await decoded("file_data", body.file_data, limit_bytes, resources.get(Offload))
    return Upload(body.file_name, in_pieces(content), limit_bytes)


def demo_parts(resources: Resources, session: AsyncSession) -> DemoParts:
    """The seeder of the demo parts."""
    return DemoParts(FileRepository(session), build_contents(resources, session), resources.get(Offload))


FileServiceDep = Annotated[FileService, Depends(file_service)]
UploadDep = Annotated[Upload, Depends(upload)]
BulkServiceDep = Annotated[BulkFiles, Depends(bulk_service)]
BulkReaderDep = Annotated[BulkFiles, Depends(bulk_reader)]
FileReaderDep = Annotated[FileService, Depends(file_reader)]
