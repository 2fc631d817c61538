"""Named moments at which an API kills itself: around a commit, around an answer, inside an upload."""

import os
import signal
from collections.abc import Callable
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.idempotency import IdempotencyRecord
from app.core.models import Record
from app.files.models import File

CREATED = 201
UPLOADS = "/api/v1/files"
ORDERS = "/api/v1/orders"


class Death:
    """SIGKILL by one's own hand at the given occasion, counted from 1."""

    def __init__(self, after: int) -> None:
        self.left = after

    def near(self) -> None:
        """One occasion more."""
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


Installer = Callable[[ASGIApp, Death], ASGIApp]


def before_key(app: ASGIApp, death: Death) -> ASGIApp:
    """The order is written, its idempotency key is not."""

    @event.listens_for(Session, "before_flush")
    def _(session: Session, *_: object) -> None:
        if holds(session, IdempotencyRecord):
            death.near()

    return app


def before_commit(app: ASGIApp, death: Death) -> ASGIApp:
    """Order and key are written, the transaction is open."""
    return _at_commit(app, death, IdempotencyRecord, "before_commit")


def after_commit(app: ASGIApp, death: Death) -> ASGIApp:
    """Order and key are committed, nobody was answered."""
    return _at_commit(app, death, IdempotencyRecord, "after_commit")


def after_put(app: ASGIApp, death: Death) -> ASGIApp:
    """The bytes of an upload are stored and its row is written, the transaction is open."""
    return _at_commit(app, death, File, "before_commit")


def before_answer(app: ASGIApp, death: Death) -> ASGIApp:
    """The answer to an order is ready and nothing of it has left."""
    return _around_answer(app, death, "http.response.start", sent=False)


def mid_answer(app: ASGIApp, death: Death) -> ASGIApp:
    """The head of the answer has left, its body has not."""
    return _around_answer(app, death, "http.response.start", sent=True)


def after_answer(app: ASGIApp, death: Death) -> ASGIApp:
    """The answer has just left."""
    return _around_answer(app, death, "http.response.body", sent=True)


def in_upload(app: ASGIApp, death: Death) -> ASGIApp:
    """Some of an upload has come; an occasion is a message of the server, some 64 KB."""

    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        async def counted() -> Message:
            message = await receive()
            if message.get("more_body"):
                death.near()
            return message

        is_upload = scope["type"] == "http" and scope["path"] == UPLOADS and scope["method"] == "POST"
        await app(scope, counted if is_upload else receive, send)

    return watching


POINTS: dict[str, Installer] = {
    "before-key": before_key,
    "before-commit": before_commit,
    "after-commit": after_commit,
    "before-answer": before_answer,
    "mid-answer": mid_answer,
    "after-answer": after_answer,
    "in-upload": in_upload,
    "after-put": after_put,
}


def installed(app: ASGIApp, point: str, death: Death) -> ASGIApp:
    """The application that dies at this point."""
    return POINTS[point](app, death)


def holds(session: Session, kind: type[Record]) -> bool:
    """Whether the session is about to write a row of this kind."""
    return any(isinstance(row, kind) for row in session.new)


def _at_commit(app: ASGIApp, death: Death, kind: type[Record], moment: str) -> ASGIApp:
    writing: WeakSet[Session] = WeakSet()

    @event.listens_for(Session, "after_flush")
    def _(session: Session, *_: object) -> None:
        if holds(session, kind):
            writing.add(session)

    @event.listens_for(Session, moment)
    def _(session: Session) -> None:
        if session in writing:
            death.near()

    return app


def _around_answer(app: ASGIApp, death: Death, kind: str, *, sent: bool) -> ASGIApp:
    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        created = False

        async def dying(message: Message) -> None:
            nonlocal created
            created = created or message.get("status") == CREATED
            is_near = created and message["type"] == kind
            if is_near and not sent:
                death.near()
            await send(message)
            if is_near and sent:
                death.near()

        is_order = scope["type"] == "http" and scope["path"] == ORDERS
        await app(scope, receive, dying if is_order else send)

    return watching
