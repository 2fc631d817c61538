"""What keeps the service answering when there is too much to do, or when clients are too slow."""

import asyncio
import re
import time
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import RequestTimeout
from app.core.handlers import problem_response, request_id_of
from app.core.offload import Overloaded


class LimitConcurrency:
    """Answers 503 at once when too many requests are inside; health is always answered."""

    def __init__(self, app: ASGIApp, most: int, always: tuple[str, ...] = ()) -> None:
        self.app = app
        self.most = most
        self.always = always
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in if there is room."""
        if scope["type"] != "http" or scope["path"].startswith(self.always):
            await self.app(scope, receive, send)
            return
        if self._inside >= self.most:
            await problem_response(Overloaded(), request_id_of(scope))(scope, receive, send)
            return
        self._inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._inside -= 1


@dataclass(frozen=True)
class Pace:
    """How fast a body must arrive: within so many seconds, or at so many bytes a second on average."""

    seconds: float
    bytes_per_second: int

    def allows(self, received_bytes: int) -> float:
        """Seconds after its beginning at which a body of which so much is there has to go on."""
        return self.seconds + received_bytes / self.bytes_per_second


class CutSlowClients:
    """Gives up on clients that send or take so slowly that they only hold a place.

    A body must arrive at its ``pace``, those of the paths that match ``uploads`` at the ``upload_pace``,
    and none may pause for ``pause_seconds``; an answer must be taken at least one piece in that time.
    """

    def __init__(
        self, app: ASGIApp, pause_seconds: float, pace: Pace, uploads: str, upload_pace: Pace
    ) -> None:
        self.app = app
        self.pause_seconds = pause_seconds
        self.pace = pace
        self.uploads = re.compile(uploads)
        self.upload_pace = upload_pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with both directions timed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        pace = self.upload_pace if self.uploads.fullmatch(scope["path"]) else self.pace
        timed = _Timed(receive, send, self.pause_seconds, pace)
        try:
            await self.app(scope, timed.receive, timed.send)
        except RequestTimeout:
            if not timed.too_slow:
                raise
        if timed.too_slow and not timed.answering:
            failure = RequestTimeout(headers={"Connection": "close"})
            await problem_response(failure, request_id_of(scope))(scope, receive, send)


class _Timed:
    """The two channels of one request; once its client is too slow the application is not heard any more."""

    def __init__(self, receive: Receive, send: Send, pause_seconds: float, pace: Pace) -> None:
        self.too_slow = False
        self.answering = False
        self._receive = receive
        self._send = send
        self._pause_seconds = pause_seconds
        self._pace = pace
        self._started = time.monotonic()
        self._received = 0
        self._whole = False

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        due = self._started + self._pace.allows(self._received)
        patience = min(self._pause_seconds, due - time.monotonic())
        try:
            async with asyncio.timeout(max(patience, 0)):
                message = await self._receive()
        except TimeoutError:
            self.too_slow = True
            raise RequestTimeout from None
        self._received += len(message.get("body", b""))
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self.too_slow and not self.answering:
            return
        self.answering = True
        try:
            async with asyncio.timeout(self._pause_seconds):
                await self._send(message)
        except TimeoutError:
            raise ClientDisconnect from None
