"""The HTTP of resumable uploads: tus 1.0.0 with creation, checksum, expiration and termination."""

from collections.abc import Callable, Coroutine
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from app.auth.dependencies import CurrentUser
from app.contents.errors import FileTooLarge
from app.core.config import Settings
from app.core.errors import AppError, StorageFull, Unauthorized, problems
from app.core.quotas import QuotaExceeded
from app.core.storage import StorageUnavailable
from app.files.errors import BrokenArchive, EmptyFile, UnknownFormat
from app.uploads.body import ALGORITHMS
from app.uploads.dependencies import (
    OFFSET_BODY,
    VERSION,
    BodyDep,
    Length,
    Metadata,
    Offset,
    UploadServiceDep,
    same_protocol,
)
from app.uploads.errors import (
    ChecksumMismatch,
    ProtocolUnknown,
    TooManyUploads,
    TooMuchSent,
    UnreadableHeader,
    UploadExpired,
    UploadMissing,
    WrongKindOfBody,
    WrongOffset,
)
from app.uploads.models import Upload
from app.uploads.schemas import UploadRead

EXTENSIONS = "creation,expiration,checksum,termination"
TEXT = {"schema": {"type": "string"}}
NUMBER = {"schema": {"type": "integer"}}
TOLD = {"Tus-Resumable": TEXT, "Upload-Offset": NUMBER, "Upload-Expires": TEXT, "X-File-ID": TEXT}
BYTES = {"content": {OFFSET_BODY: {"schema": {"type": "string", "format": "binary"}}}}


class TusRoute(APIRoute):
    """Every answer, also a refusal, names the version of the protocol."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                response = await handle(request)
            except AppError as error:
                error.headers.setdefault("Tus-Resumable", VERSION)
                raise
            response.headers["Tus-Resumable"] = VERSION
            return response

        return told


router = APIRouter(prefix="/uploads", tags=["files"], route_class=TusRoute)


@router.options("", status_code=204, response_class=Response)
async def describe_protocol(request: Request) -> Response:
    """What this service knows of the protocol."""
    settings: Settings = request.state.resources.get(Settings)
    return Response(
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.storage.max_file_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post(
    "",
    status_code=201,
    response_class=Response,
    dependencies=[Depends(same_protocol)],
    responses={
        201: {"headers": {**TOLD, "Location": TEXT}, "description": "Go on at Location."},
        **problems(
            Unauthorized,
            QuotaExceeded,
            EmptyFile,
            FileTooLarge,
            TooManyUploads,
            ProtocolUnknown,
            UnreadableHeader,
        ),
    },
)
async def begin_upload(
    request: Request,
    uploads: UploadServiceDep,
    user: CurrentUser,
    length_bytes: Length,
    metadata: Metadata = "",
) -> Response:
    """Announce a file of so many bytes, ``filename`` in its metadata; then send them with PATCH."""
    upload = await uploads.begin(user.id, length_bytes, metadata)
    settings: Settings = request.state.resources.get(Settings)
    location = f"{settings.server.api_path}/uploads/{upload.id}"
    return Response(status_code=201, headers={"Location": location, **_told(upload)})


@router.get(
    "/{upload_id}",
    dependencies=[Depends(same_protocol)],
    responses={
        200: {"headers": {**TOLD, "Upload-Length": NUMBER, "Upload-Metadata": TEXT}},
        **problems(Unauthorized, UploadMissing, UploadExpired, ProtocolUnknown),
    },
)
async def get_upload(
    uploads: UploadServiceDep, user: CurrentUser, upload_id: UUID, response: Response
) -> UploadRead:
    """How far the upload has come; HEAD says the same in headers."""
    upload = await uploads.get(user.id, upload_id)
    response.headers.update(_told(upload))
    response.headers["Upload-Length"] = str(upload.length_bytes)
    if upload.described_as:
        response.headers["Upload-Metadata"] = upload.described_as
    return UploadRead.model_validate(upload)


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(same_protocol)],
    openapi_extra={"requestBody": {"required": True, **BYTES}},
    responses={
        204: {"headers": TOLD, "description": "Taken in; X-File-ID names the file once all bytes are there."},
        **problems(
            Unauthorized,
            QuotaExceeded,
            UploadMissing,
            WrongOffset,
            UploadExpired,
            ProtocolUnknown,
            TooMuchSent,
            WrongKindOfBody,
            UnknownFormat,
            BrokenArchive,
            ChecksumMismatch,
            UnreadableHeader,
            StorageFull,
            StorageUnavailable,
        ),
    },
)
async def continue_upload(
    uploads: UploadServiceDep, user: CurrentUser, upload_id: UUID, offset_bytes: Offset, body: BodyDep
) -> Response:
    """Send more bytes from where the upload stands."""
    upload = await uploads.append(user.id, upload_id, offset_bytes, body)
    return Response(status_code=204, headers=_told(upload))


@router.delete(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(same_protocol)],
    responses=problems(Unauthorized, UploadMissing, ProtocolUnknown),
)
async def end_upload(uploads: UploadServiceDep, user: CurrentUser, upload_id: UUID) -> Response:
    """End an upload and drop what has come of it; a file that was made of it stays."""
    await uploads.remove(user.id, upload_id)
    return Response(status_code=204)


def _told(upload: Upload) -> dict[str, str]:
    headers = {
        "Upload-Offset": str(upload.offset_bytes),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
    return headers if upload.file_id is None else {**headers, "X-File-ID": str(upload.file_id)}
