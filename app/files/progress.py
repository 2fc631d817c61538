"""How far the preparation of a file has come, as a stream of server-sent events.

Each event is the whole present state, and its id is made of that state: whichever process a client comes back
to knows whether there is news for it, and nothing has to be kept for those who are away.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from app.analyses.errors import CadUnreadable
from app.analyses.models import Picture
from app.analyses.pictures import MODEL, PREPARED, PREVIEW
from app.core.schemas import Schema
from app.files.models import File
from app.files.schemas import Failure, FileStatus, failure_of, status_of

LOOK_SECONDS = 0.4
HEARTBEAT_SECONDS = 10.0
RETRY_MILLISECONDS = 2000
"""After which a browser comes back when the stream ended before its end."""
END = "end"
NOTHING_MORE = "{}"


class FileProgress(Schema):
    """What there is of a file by now."""

    status: FileStatus
    failure: Failure | None
    preview: bool
    model: bool
    done: bool
    """Nothing more will come by itself."""

    @property
    def event_id(self) -> str:
        """The same for the same state, in every process."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class _InText:
    """In the schema of an event: text that holds the JSON document of the annotated type."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What OpenAPI says of it."""
        return {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": handler(schema),
        }


class ProgressEvent(Schema):
    """The state of a file, whenever there is another; send the id as ``Last-Event-ID`` to go on behind it."""

    event: Literal["message"]
    id: str
    data: Annotated[FileProgress, _InText]


class EndEvent(Schema):
    """Nothing more will come: close the stream. The id is that of the last state."""

    event: Literal["end"]
    id: str
    data: Literal["{}"]


def _told(state: FileProgress) -> dict[str, str]:
    return {"event": "message", "id": state.event_id, "data": state.model_dump_json()}


_MEASURING = FileProgress(status="analysing", failure=None, preview=False, model=False, done=False)
_READY = FileProgress(status="ready", failure=None, preview=True, model=True, done=True)
_BROKEN = Failure(code=CadUnreadable.code, message="The file cannot be read as a part.")
_FAILED = FileProgress(status="failed", failure=_BROKEN, preview=False, model=False, done=True)
EXAMPLES = {
    "analysing": _told(_MEASURING),
    "ready": _told(_READY),
    "failed": _told(_FAILED),
    "end": {"event": END, "id": _READY.event_id, "data": NOTHING_MORE},
}
"""Events for the documentation, by name."""

Look = Callable[[], Awaitable[FileProgress | None]]


def progress_of(file: File, pictures: Mapping[str, Picture]) -> FileProgress:
    """The state of a file whose analysis is at hand."""
    status = status_of(file.analysed, is_measuring=file.measuring is not None)
    drawn = {kind for kind, picture in pictures.items() if picture.storage_key is not None}
    return FileProgress(
        status=status,
        failure=failure_of(file.analysed),
        preview=PREVIEW in drawn,
        model=MODEL in drawn,
        done=status == "failed" or (status == "ready" and pictures.keys() >= set(PREPARED)),
    )


async def events(
    look: Look, last_id: str | None, most_seconds: float, is_stopping: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    """The stream: every new state, a heartbeat in between, ``end`` when nothing more will come.

    It ends without ``end`` after ``most_seconds``, when the server stops or the file is gone; browsers then
    come back.
    """
    yield format_sse_event(retry=RETRY_MILLISECONDS)
    until, quiet_since = time.monotonic() + most_seconds, time.monotonic()
    while (state := await look()) is not None:
        if state.event_id != last_id:
            last_id, quiet_since = state.event_id, time.monotonic()
            yield format_sse_event(data_str=state.model_dump_json(), id=last_id)
        if state.done:
            yield format_sse_event(event=END, data_str=NOTHING_MORE, id=last_id)
            return
        if time.monotonic() >= until or is_stopping():
            return
        if time.monotonic() - quiet_since >= HEARTBEAT_SECONDS:
            quiet_since = time.monotonic()
            yield KEEPALIVE_COMMENT
        await asyncio.sleep(LOOK_SECONDS)
