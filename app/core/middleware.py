"""What happens around every request, as plain ASGI: names, counts, limits and headers."""

import asyncio
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import PayloadTooLarge, RequestTimeout
from app.core.handlers import problem_response, request_id_of
from app.core.metrics import Metrics
from app.core.models import new_id
from app.core.paths import route_template

log = structlog.get_logger("app.request")

REQUEST_ID = "X-Request-ID"
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNANSWERED = 499
"""nginx's status for a client that went away before the answer began."""
LINGER_SECONDS = 5.0
"""How long a body nobody wants may go on arriving behind its refusal."""

CONTENT_SECURITY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class RequestNames:
    """Gives every request an id: the client's own if it is sane, else a new one.

    The id is in ``scope["state"]["request_id"]``, in every log line and in the answer's X-Request-ID.
    With ``log_requests`` each request is one line, without its query, which may hold signatures.
    """

    def __init__(self, app: ASGIApp, *, log_requests: bool = False) -> None:
        self.app = app
        self.log_requests = log_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request and pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if SANE_REQUEST_ID.fullmatch(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        status, started = UNANSWERED, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, named)
            finally:
                if self.log_requests:
                    seconds = round(time.perf_counter() - started, 4)
                    log.info(
                        "request", method=scope["method"], path=scope["path"], status=status, seconds=seconds
                    )


class RequestMetrics:
    """Counts requests by method, route template and status, and measures them to the last byte."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, started = UNANSWERED, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self.metrics.in_progress.track_inprogress():
            try:
                await self.app(scope, receive, watched)
            finally:
                method = scope["method"] if scope["method"] in METHODS else "other"
                route = route_template(scope)
                self.metrics.requests.labels(method, route, str(status)).inc()
                self.metrics.durations.labels(method, route).observe(time.perf_counter() - started)


@dataclass(frozen=True)
class BodyRule:
    """How large a body may be under a path prefix; ``json_bytes`` where JSON has a limit of its own."""

    prefix: str
    max_bytes: int
    json_bytes: int | None = None
    failure: type[PayloadTooLarge] = PayloadTooLarge

    def covers(self, path: str) -> bool:
        """Whether the path is the prefix or lies under it."""
        return path == self.prefix or path.startswith(self.prefix.rstrip("/") + "/")


class BodyLimits:
    """Counts bodies as they arrive and answers 413 in place of whatever the application made of it.

    The longest prefix of ``rules`` decides, ``default_bytes`` everywhere else.
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
        rule = next((rule for rule in self.rules if rule.covers(scope["path"])), self.default)
        guard = _Guard(_limit(rule, headers), rule.failure, receive, send)
        if _declared_length(headers) > guard.limit:
            guard.exceeded = True
        else:
            try:
                await self.app(scope, guard.receive, guard.send)
            except PayloadTooLarge:
                if not guard.exceeded:
                    raise
        if guard.exceeded and not guard.started:
            response = problem_response(guard.failure(), request_id_of(scope))
            if guard.arrived:
                await response(scope, receive, send)
            else:
                await _answer_and_linger(response, scope, receive, send)


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


def _limit(rule: BodyRule, headers: Mapping[str, str]) -> int:
    is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    return rule.json_bytes if is_json and rule.json_bytes is not None else rule.max_bytes


class _Guard:
    """The two channels of one request; once its body is too large the application is not heard any more."""

    def __init__(self, limit: int, failure: type[PayloadTooLarge], receive: Receive, send: Send) -> None:
        self.limit = limit
        self._failure = failure
        self.exceeded = False
        self.started = False
        self.arrived = False
        self._received = 0
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self.arrived = not message.get("more_body", False)
            if self._received > self.limit:
                self.exceeded = True
                raise self.failure()
        return message

    def failure(self) -> PayloadTooLarge:
        return self._failure(
            f"The request body is larger than the {self.limit} bytes this address takes.",
            headers={"Connection": "close"},
        )

    async def send(self, message: Message) -> None:
        if self.exceeded and not self.started:
            return
        self.started = True
        await self._send(message)


class Compression:
    """Compresses answers where that helps; files on their way out are left as they are."""

    def __init__(self, app: ASGIApp, minimum_bytes: int = 1024) -> None:
        self.plain = app
        self.compressed = GZipMiddleware(app, minimum_size=minimum_bytes, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to one or the other."""
        is_file = scope["type"] == "http" and scope["path"].endswith("/download")
        await (self.plain if is_file else self.compressed)(scope, receive, send)


class SecurityHeaders:
    """Headers that stop browsers from guessing, framing and leaking; a route may set its own.

    Paths under ``pages`` (such as ``/docs``) show HTML and get no content security policy.
    """

    def __init__(self, app: ASGIApp, pages: Sequence[str] = ()) -> None:
        self.app = app
        self.pages = tuple(BodyRule(prefix, 0) for prefix in pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, put the headers on its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_page = any(page.covers(scope["path"]) for page in self.pages)

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if not is_page:
                    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY)
            await send(message)

        await self.app(scope, receive, protected)


def _declared_length(headers: Mapping[str, str]) -> int:
    declared = headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0
