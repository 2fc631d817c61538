"""What keeps the service answering when there is too much to do, or when clients are too slow."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import RequestTimeout
from app.core.handlers import problem_response, request_id_of
from app.core.offload import Overloaded


class Arrivals:
    """Bodies on their way, whose requests give up their places to others when there are none left."""

    def __init__(self, undisturbed_seconds: float = 1.0) -> None:
        self.undisturbed_seconds = undisturbed_seconds
        self._waits: dict[asyncio.Timeout, float] = {}

    @contextmanager
    def noted(self, wait: asyncio.Timeout, since: float) -> Iterator[None]:
        """While the next piece of a body is waited for that began ``since`` then."""
        self._waits[wait] = since
        try:
            yield
        finally:
            self._waits.pop(wait, None)

    def cut_oldest(self) -> bool:
        """End the wait for the body that began first; whether there is one that had its time undisturbed."""
        oldest = min(self._waits, key=self._waits.__getitem__, default=None)
        if oldest is None or time.monotonic() - self._waits[oldest] < self.undisturbed_seconds:
            return False
        del self._waits[oldest]
        oldest.reschedule(asyncio.get_running_loop().time())
        return True


class LimitConcurrency:
    """Answers 503 at once when too many requests are inside; health is always answered.

    Whoever is inside only because the rest of a body has not arrived makes room first.
    """

    def __init__(self, app: ASGIApp, most: int, arrivals: Arrivals, always: tuple[str, ...] = ()) -> None:
        self.app = app
        self.most = most
        self.arrivals = arrivals
        self.always = always
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in if there is room."""
        if scope["type"] != "http" or scope["path"].startswith(self.always):
            await self.app(scope, receive, send)
            return
        if self._inside >= self.most and not self.arrivals.cut_oldest():
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
    What is on its way and no upload is among the ``arrivals``.
    """

    def __init__(
        self,
        app: ASGIApp,
        arrivals: Arrivals,
        pause_seconds: float,
        pace: Pace,
        uploads: str,
        upload_pace: Pace,
    ) -> None:
        self.app = app
        self.arrivals = arrivals
        self.pause_seconds = pause_seconds
        self.pace = pace
        self.uploads = re.compile(uploads)
        self.upload_pace = upload_pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with both directions timed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.uploads.fullmatch(scope["path"]):
            timed = _Timed(receive, send, self.pause_seconds, self.upload_pace, Arrivals())
        else:
            timed = _Timed(receive, send, self.pause_seconds, self.pace, self.arrivals)
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

    def __init__(
        self, receive: Receive, send: Send, pause_seconds: float, pace: Pace, arrivals: Arrivals
    ) -> None:
        self.too_slow = False
        self.answering = False
        self._receive = receive
        self._send = send
        self._pause_seconds = pause_seconds
        self._pace = pace
        self._arrivals = arrivals
        self._started = time.monotonic()
        self._received = 0
        self._whole = False

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        due = self._started + self._pace.allows(self._received)
        patience = min(self._pause_seconds, due - time.monotonic())
        try:
            async with asyncio.timeout(max(patience, 0)) as wait:
                with self._arrivals.noted(wait, self._started):
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
