"""The HTTP of pictures, models and progress of files."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.analyses.errors import ANALYSIS_REFUSALS
from app.analyses.pictures import PREVIEW_PX
from app.audit.service import Actor
from app.auth.dependencies import OPEN_TO_GUESTS, CurrentAdmin, OptionalUser
from app.auth.limits import strangers
from app.contract.pictures import GLB, LARGEST_PX, PNG, SMALLEST_PX
from app.core.config import Settings
from app.core.delivery import matches
from app.core.errors import Forbidden, TooManyRequests, Unauthorized, problems
from app.core.signed_links import HoldsLink, LinkRefused
from app.core.storage import StorageUnavailable
from app.core.streams import Streams, is_stopping
from app.files.errors import FileMissing
from app.files.pending import PENDING, pending_response
from app.files.pictures import Drawn
from app.files.pictures_dependencies import FilePicturesDep, RedrawingDep
from app.files.progress import EXAMPLES, EndEvent, ProgressEvent, events
from app.files.schemas import Pending

router = APIRouter(prefix="/files", tags=["files"])
admin_router = APIRouter(prefix="/admin/files", tags=["administration"])

NEUTRAL = (Path(__file__).parent / "neutral.png").read_bytes()
CACHED = "private, max-age=600"
LAST_EVENT_CHARS = 64
REFUSED = (Unauthorized, LinkRefused, FileMissing, TooManyRequests)
IfNoneMatch = Annotated[str | None, Header()]


class EventStream(StreamingResponse):
    """An answer of server-sent events."""

    media_type = "text/event-stream"


EVENTS = {
    "schema": {"type": "object"},
    "examples": {name: {"value": event} for name, event in EXAMPLES.items()},
}


def _picture(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "content": {media_type: {"schema": {"type": "string", "format": "binary"}}},
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "description": "The picture or the model.",
        },
        304: {"description": "You have it already (If-None-Match)."},
    }


@router.get(
    "/{file_id}/preview",
    response_class=Response,
    responses={**_picture(PNG), **problems(*REFUSED, StorageUnavailable)},
    dependencies=[Depends(strangers)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def get_preview(
    pictures: FilePicturesDep,
    user: OptionalUser,
    has_link: HoldsLink,
    file_id: UUID,
    size: Annotated[
        int, Query(ge=SMALLEST_PX, le=LARGEST_PX, description="Pixels along the longer side, at least.")
    ] = PREVIEW_PX,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A picture of the part, in sizes that are powers of two; a neutral one, not to be kept, until then."""
    found = await pictures.preview(user.id if user else None, file_id, size, has_link=has_link)
    if found is None:
        return Response(NEUTRAL, media_type=PNG, headers={"Cache-Control": "no-store"})
    return _answered(found, PNG, if_none_match)


@router.get(
    "/{file_id}/model.glb",
    response_class=Response,
    responses={
        **_picture(GLB),
        **PENDING,
        **problems(*REFUSED, *ANALYSIS_REFUSALS, StorageUnavailable),
    },
    dependencies=[Depends(strangers)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def get_model(
    pictures: FilePicturesDep,
    user: OptionalUser,
    has_link: HoldsLink,
    file_id: UUID,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The part as binary glTF: metres, y up, the faces numbered as in the analysis; 202 until it is drawn."""
    found = await pictures.model(user.id if user else None, file_id, has_link=has_link)
    if isinstance(found, Pending):
        return pending_response(found)
    return _answered(found, GLB, if_none_match)


@router.get(
    "/{file_id}/events",
    response_class=EventStream,
    responses={
        200: {
            "model": ProgressEvent | EndEvent,
            "content": {EventStream.media_type: EVENTS},
            "description": "A stream of events, each of this shape.",
        },
        204: {"description": "You know all there will be (Last-Event-ID); do not come back."},
        **problems(*REFUSED),
    },
    dependencies=[Depends(strangers)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def follow_file(
    request: Request,
    pictures: FilePicturesDep,
    user: OptionalUser,
    has_link: HoldsLink,
    file_id: UUID,
    last_event_id: Annotated[str | None, Header(max_length=LAST_EVENT_CHARS)] = None,
) -> Response:
    """Progress as server-sent events: each the whole state, `{status, failure, preview, model, done}`.

    A last event `end` says that nothing more will come. Who comes back with `Last-Event-ID` hears only news.
    """
    resources = request.state.resources
    streams: Streams = resources.get(Streams)
    state = await pictures.progress(user.id if user else None, file_id, has_link=has_link)
    if state.done and state.event_id == last_event_id:
        return Response(status_code=204)
    streams.check_room()
    seconds = resources.get(Settings).server.stream_seconds
    told = events(
        partial(pictures.look, file_id), last_event_id, seconds, partial(is_stopping, request.scope)
    )
    return EventStream(streams.counted(told), headers={"X-Accel-Buffering": "no"})


@admin_router.post(
    "/{file_id}/regenerate-preview",
    status_code=202,
    responses=problems(Unauthorized, Forbidden, FileMissing),
)
async def redraw_file(redrawing: RedrawingDep, admin: CurrentAdmin, file_id: UUID) -> Pending:
    """Have the pictures and the model of a file drawn anew, in the background."""
    return await redrawing.redraw(Actor.user(admin.id), file_id)


def _answered(found: Drawn, media_type: str, if_none_match: str | None) -> Response:
    headers = {"ETag": found.etag, "Cache-Control": CACHED}
    if matches(if_none_match, found.etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(found.size_bytes)
    return StreamingResponse(found.chunks, media_type=media_type, headers=headers)
