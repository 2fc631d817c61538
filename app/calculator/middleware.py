"""What happens around every request, as plain ASGI: its id, the shared secret, its size, the count."""

import asyncio
import hmac
import re
import time
from contextlib import suppress
from http import HTTPStatus
from uuid import uuid4

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.calculator.metrics import Metrics
from app.calculator.problems import CLIENT_LEFT, problem_response, request_id_of
from app.calculator.spool import announced_bytes

REQUEST_ID = "X-Request-ID"
SECRET = "X-Calculator-Secret"  # noqa: S105 - the name of the header
OPEN_PATHS = frozenset({"/health/live"})

STREAMED_PATHS = frozenset({"/v1/analysis", "/v1/preview", "/v1/model.glb"})
"""Bodies with a limit of their own, counted where they are read."""
MOST_BODY_BYTES = 5_000_000
"""Room for the facts of a part with all the features that are told (a child answers with 4 MB at most)."""
LINGER_SECONDS = 5.0
"""How long a body nobody wants may go on arriving behind its refusal."""

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger(__name__)


class Gate:
    """Names the request, asks for the secret, counts the answer."""

    def __init__(self, app: FastAPI, *, secret: str | None, metrics: Metrics) -> None:
        self.fastapi = app
        self.bounded = SmallBodies(app)
        self.secret = secret.encode() if secret else None
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] != "http":
            await self.fastapi(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        status, started = CLIENT_LEFT, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                with suppress(ClientDisconnect):
                    await self._app_for(scope["path"], headers, request_id)(scope, receive, named)
            except Exception:
                if status != HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise  # otherwise it has been answered and logged, and is only raised again
            finally:
                self._count(scope, status, time.perf_counter() - started)

    def _app_for(self, path: str, headers: Headers, request_id: str) -> ASGIApp:
        if not self._is_welcome(path, headers):
            return _refuse(request_id)
        return self.fastapi if path in STREAMED_PATHS else self.bounded

    def _is_welcome(self, path: str, headers: Headers) -> bool:
        if self.secret is None or path in OPEN_PATHS:
            return True
        return hmac.compare_digest(headers.get(SECRET, "").encode(), self.secret)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        self.metrics.answered(route, status, seconds)


class SmallBodies:
    """Reads the body before the application does and answers 413 as soon as it is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body."""
        announced = announced_bytes(Headers(scope=scope)) or 0
        body = None if announced > MOST_BODY_BYTES else await _whole_body(receive)
        if body is None:
            await _answer_and_linger(_too_large(request_id_of(scope)), scope, receive, send)
            return
        unread = [body]

        async def replayed() -> Message:
            return unread.pop() if unread else await receive()

        await self.app(scope, replayed, send)


async def _whole_body(receive: Receive) -> Message | None:
    """The body in one message, ``None`` when it is too large. Raises ``ClientDisconnect``."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}
    raise ClientDisconnect


async def _answer_and_linger(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, then take in for a while what is still on its way.

    A connection closed with unread bytes is reset, and the answer is lost on the way (RFC 9112, 9.6).
    """

    async def unfinished(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await answer(scope, receive, unfinished)
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _too_large(request_id: str | None) -> Response:
    detail = f"The body is larger than the {MOST_BODY_BYTES} bytes this address takes."
    headers = {"Connection": "close"}
    return problem_response(
        413, "payload-too-large", "Payload too large", detail, request_id=request_id, headers=headers
    )


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _SANE_REQUEST_ID.fullmatch(given) else str(uuid4())


def _refuse(request_id: str) -> ASGIApp:
    return problem_response(
        401,
        "unauthenticated",
        "The shared secret is missing or wrong",
        f"Send the secret of this calculator in the header {SECRET}.",
        request_id=request_id,
    )
