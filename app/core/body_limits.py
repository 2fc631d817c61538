"""How large request bodies may be, and of what: pure ASGI, before anything reads them."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.body import FORM_DATA, media_type
from app.core.errors import PayloadTooLarge, RequestTimeout
from app.core.handlers import problem_response, request_id_of

CLOSE = {"Connection": "close"}
LINGER_SECONDS = 5.0
"""How long a body nobody wants may go on arriving behind its refusal."""


@dataclass(frozen=True)
class BodyRule:
    """How large a body may be under a path prefix.

    ``max_bytes`` is for multipart forms, whose files are streamed; any other body is read into memory
    before it is understood, and may have ``json_bytes`` (as many as a form where that is not given). Where
    bodies are ``streamed``, whatever their type, none is looked into.
    """

    prefix: str
    max_bytes: int
    json_bytes: int | None = None
    streamed: bool = False
    failure: type[PayloadTooLarge] = PayloadTooLarge

    def covers(self, path: str) -> bool:
        """Whether the path is the prefix or lies under it."""
        return path == self.prefix or path.startswith(self.prefix.rstrip("/") + "/")


class BodyLimits:
    """Counts bodies as they arrive and answers 413 in place of whatever the application made of it.

    The longest prefix of ``rules`` decides, ``default_bytes`` everywhere else. What a rule allows beyond
    the default is meant for a file: besides its longest value a body that is no form keeps the default.
    """

    def __init__(self, app: ASGIApp, default_bytes: int, rules: Iterable[BodyRule] = ()) -> None:
        self.app = app
        self.default = BodyRule("/", default_bytes)
        self.rules = sorted(rules, key=lambda rule: len(rule.prefix), reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as long as its body is within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guard = self._guard(scope["path"], headers, receive, send)
        if _declared_length(headers) > guard.limit:
            guard.refuse()
        else:
            try:
                await self.app(scope, guard.receive, guard.send)
            except PayloadTooLarge:
                if guard.refusal is None:
                    raise
        if guard.refusal is not None and not guard.started:
            response = problem_response(guard.refusal, request_id_of(scope))
            if guard.arrived:
                await response(scope, receive, send)
            else:
                await _answer_and_linger(response, scope, receive, send)

    def _guard(self, path: str, headers: Mapping[str, str], receive: Receive, send: Send) -> "_Guard":
        rule = next((rule for rule in self.rules if rule.covers(path)), self.default)
        is_form = media_type(headers) == FORM_DATA
        limit = rule.max_bytes if is_form or rule.json_bytes is None else rule.json_bytes
        besides = limit if is_form or rule.streamed else self.default.max_bytes
        return _Guard(limit, besides, rule.failure, receive, send)


async def _answer_and_linger(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, then take in for a while what is still on its way.

    A connection closed with unread bytes is reset, and the answer is lost on the way (RFC 9112, 9.6).
    """

    async def unfinished(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await response(scope, receive, unfinished)
    with suppress(TimeoutError, RequestTimeout):
        async with asyncio.timeout(LINGER_SECONDS):
            while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Guard:
    """The two channels of one request; once its body is too large the application is not heard any more."""

    def __init__(
        self, limit: int, besides: int, failure: type[PayloadTooLarge], receive: Receive, send: Send
    ) -> None:
        self.limit = limit
        self.refusal: PayloadTooLarge | None = None
        self.started = False
        self.arrived = False
        self._besides = besides
        self._failure = failure
        self._received = 0
        self._value = LongestValue()
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._count(message.get("body", b""))
            self.arrived = not message.get("more_body", False)
            if self.refusal is not None:
                raise self.refusal
        return message

    def refuse(self) -> None:
        """Answer that there is too much of it."""
        detail = f"The request body is larger than the {self.limit} bytes this address takes."
        self.refusal = self._failure(detail, headers=CLOSE)

    async def send(self, message: Message) -> None:
        if self.refusal is not None and not self.started:
            return
        self.started = True
        await self._send(message)

    def _count(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self.limit:
            self.refuse()
        elif self._besides < self.limit:
            self._value.feed(chunk)
            if self._received - self._value.longest > self._besides:
                detail = f"Besides its file the request body is larger than {self._besides} bytes."
                self.refusal = PayloadTooLarge(detail, headers=CLOSE)


class LongestValue:
    """How many bytes of a JSON document its longest value has, told while it arrives.

    What stands between two quotes or commas holds one value at most, and is quickly read.
    """

    def __init__(self) -> None:
        self.longest = 0
        self._current = 0

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        first, *others = chunk.replace(b",", b'"').split(b'"')
        self._current += len(first)
        self.longest = max(self.longest, self._current, *map(len, others))
        if others:
            self._current = len(others[-1])


def _declared_length(headers: Mapping[str, str]) -> int:
    declared = headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0
