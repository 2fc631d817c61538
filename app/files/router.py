"""The HTTP of files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.analyses.errors import ANALYSIS_REFUSALS
from app.auth.dependencies import OPEN_TO_GUESTS, CurrentUser, OptionalUser
from app.auth.limits import everybody, strangers
from app.contents.errors import FileTooLarge
from app.contract.geometry import PartFacts
from app.core.body import request_bodies
from app.core.config import Settings
from app.core.delivery import WantedDep, deliver, delivered
from app.core.errors import StorageFull, TooManyRequests, Unauthorized, problems
from app.core.pagination import Page, Slice
from app.core.quotas import QuotaExceeded
from app.core.signed_links import HoldsLink, LinkRefused
from app.core.storage import StorageUnavailable
from app.files.dependencies import FileReaderDep, FileServiceDep, UploadDep
from app.files.errors import BrokenArchive, EmptyFile, FileInUse, FileMissing, UnknownFormat
from app.files.pending import PENDING, pending_response
from app.files.schemas import FileQuery, FileRead, FileUpload, Pending

router = APIRouter(prefix="/files", tags=["files"])

MULTIPART = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}


@router.post(
    "",
    status_code=201,
    responses=problems(
        Unauthorized,
        QuotaExceeded,
        EmptyFile,
        BrokenArchive,
        UnknownFormat,
        FileTooLarge,
        StorageFull,
        StorageUnavailable,
    ),
    openapi_extra=request_bodies(multipart__form_data=MULTIPART, application__json=FileUpload),
)
async def upload_file(upload: UploadDep, files: FileServiceDep, user: CurrentUser) -> FileRead:
    """Store a STEP or STL part: streamed as multipart, or as base64 inside JSON up to 20 MB."""
    return await files.store(user.id, upload.name, upload.chunks, limit_bytes=upload.limit_bytes)


@router.get("", response_model=Page[FileRead], responses=problems(Unauthorized))
async def list_files(
    files: FileReaderDep, user: CurrentUser, query: Annotated[FileQuery, Query()]
) -> Slice[FileRead]:
    """Your files, newest first."""
    return await files.search(user.id, query)


@router.get(
    "/demo",
    response_model=Page[FileRead],
    responses=problems(TooManyRequests),
    dependencies=[Depends(everybody)],
)
async def list_demo_files(files: FileReaderDep, query: Annotated[FileQuery, Query()]) -> Slice[FileRead]:
    """Parts everybody may try."""
    return await files.demo(query)


@router.get(
    "/{file_id}",
    responses=problems(Unauthorized, FileMissing, TooManyRequests),
    dependencies=[Depends(strangers)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def get_file(files: FileReaderDep, user: OptionalUser, file_id: UUID) -> FileRead:
    """One file; without login a demo part."""
    return await files.get(user.id if user else None, file_id)


@router.get(
    "/{file_id}/analysis",
    response_model=PartFacts,
    responses={
        **PENDING,
        **problems(Unauthorized, QuotaExceeded, FileMissing, TooManyRequests, *ANALYSIS_REFUSALS),
    },
    dependencies=[Depends(strangers)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def get_analysis(
    request: Request, files: FileReaderDep, user: OptionalUser, file_id: UUID
) -> PartFacts | Response:
    """What is measured of the part; measured now if nobody asked before, 202 while that takes longer."""
    patience = request.state.resources.get(Settings).calculator.wait_seconds
    found = await files.analysis(user.id if user else None, file_id, patience)
    return pending_response(found) if isinstance(found, Pending) else found


@router.get(
    "/{file_id}/download",
    response_class=StreamingResponse,
    responses=delivered(Unauthorized, LinkRefused, FileMissing, TooManyRequests, StorageUnavailable),
    dependencies=[Depends(strangers)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def download_file(
    files: FileReaderDep, user: OptionalUser, has_link: HoldsLink, file_id: UUID, asked: WantedDep
) -> Response:
    """The bytes of the file, exactly as they were uploaded; the link in the row works without a login."""
    return await deliver(await files.download(user.id if user else None, file_id, has_link=has_link), asked)


@router.delete("/{file_id}", status_code=204, responses=problems(Unauthorized, FileMissing, FileInUse))
async def delete_file(files: FileServiceDep, user: CurrentUser, file_id: UUID) -> Response:
    """Delete an own file; its bytes go when nobody else has them."""
    await files.remove(user.id, file_id)
    return Response(status_code=204)
