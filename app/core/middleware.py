"""What happens around every request, as plain ASGI: names, counts, compression and headers."""

import re
import time
from collections.abc import Sequence

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.body_limits import BodyRule
from app.core.metrics import Metrics
from app.core.models import new_id
from app.core.paths import route_template

log = structlog.get_logger("app.request")

REQUEST_ID = "X-Request-ID"
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
QUESTIONS = {"GET", "HEAD", "OPTIONS"}
FIRST_FAILURE = 400
SLOW_SECONDS = 1.0
UNANSWERED = 499
"""nginx's status for a client that went away before the answer began."""

CONTENT_SECURITY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
OF_DATA = {"Content-Security-Policy": CONTENT_SECURITY, "Cache-Control": "no-store"}
"""What answers have that are no pages: nothing in them is run, and nothing of them is kept by others."""
SIGNED = b"signature="


class RequestNames:
    """Gives every request an id: the client's own if it is sane, else a new one.

    The id is in ``scope["state"]["request_id"]``, in every log line and in the answer's X-Request-ID.
    With ``log_requests`` each request is one line, without its query, which may hold signatures; a quick
    question that was answered is a line for debugging only, the metrics count it.
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
                    _log(scope, status, time.perf_counter() - started)


def _log(scope: Scope, status: int, seconds: float) -> None:
    is_quiet = scope["method"] in QUESTIONS and status < FIRST_FAILURE and seconds < SLOW_SECONDS
    tell = log.debug if is_quiet else log.info
    tell("request", method=scope["method"], path=scope["path"], status=status, seconds=round(seconds, 4))


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


FILES = ("/download", "/archive.zip")
"""Ends of paths where files are sent."""


class Compression:
    """Compresses answers where that helps; files on their way out are left as they are."""

    def __init__(self, app: ASGIApp, minimum_bytes: int = 1024) -> None:
        self.plain = app
        self.compressed = GZipMiddleware(app, minimum_size=minimum_bytes, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to one or the other."""
        is_file = scope["type"] == "http" and scope["path"].endswith(FILES)
        await (self.plain if is_file else self.compressed)(scope, receive, send)


class SecurityHeaders:
    """Headers that stop browsers from guessing, framing, keeping and leaking; a route may set its own.

    Paths under ``pages`` (such as ``/docs``) show HTML and say themselves what may run in it. What a signed
    link leads to, pages of other origins may show; nothing else.
    """

    def __init__(self, app: ASGIApp, pages: Sequence[str] = ()) -> None:
        self.app = app
        self.pages = tuple(BodyRule(prefix, 0) for prefix in pages)
        self._defaults = {
            (is_page, is_shared): _raw(
                SECURITY_HEADERS
                | {"Cross-Origin-Resource-Policy": "cross-origin" if is_shared else "same-origin"}
                | ({} if is_page else OF_DATA)
            )
            for is_page in (False, True)
            for is_shared in (False, True)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, put the headers on its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_page = any(page.covers(scope["path"]) for page in self.pages)
        defaults = self._defaults[is_page, SIGNED in scope["query_string"]]

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                missing = [header for header in defaults if header[0] not in given]
                message = {**message, "headers": [*message["headers"], *missing]}
            await send(message)

        await self.app(scope, receive, protected)


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """As they travel; names in small letters, as ASGI wants them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
