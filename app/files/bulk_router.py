"""The HTTP of many files at once."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from app.auth.dependencies import CurrentUser
from app.core.errors import Unauthorized, problems
from app.core.names import attachment
from app.core.storage import BlobMissing, StorageUnavailable
from app.files.bulk_schemas import ArchiveQuery, DeletedFiles, FileIds
from app.files.dependencies import BulkReaderDep, BulkServiceDep
from app.files.errors import FileMissing

ARCHIVE = "application/zip"

router = APIRouter(prefix="/files", tags=["files"])


@router.post("/delete", responses=problems(Unauthorized))
async def delete_files(files: BulkServiceDep, user: CurrentUser, asked: FileIds) -> DeletedFiles:
    """Delete up to 100 own files; whatever cannot be deleted says why."""
    return await files.remove(user.id, asked.ids)


@router.get(
    "/archive.zip",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {ARCHIVE: {"schema": {"type": "string", "format": "binary"}}},
            "description": "The files as they came, under names that go together in one folder.",
        },
        **problems(Unauthorized, FileMissing, BlobMissing, StorageUnavailable),
    },
)
async def download_files(
    files: BulkReaderDep,
    user: CurrentUser,
    asked: Annotated[ArchiveQuery, Query()],
) -> StreamingResponse:
    """Up to 100 own files as one ZIP archive."""
    archive = await files.archive(user.id, asked.ids)
    return StreamingResponse(
        archive, media_type=ARCHIVE, headers={"Content-Disposition": attachment("files.zip")}
    )
