"""What happens around every request, as plain ASGI: its id, the shared secret, the count."""

import hmac
import re
import time
from http import HTTPStatus
from uuid import uuid4

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.calculator.metrics import Metrics
from app.calculator.problems import CLIENT_LEFT, problem_response

REQUEST_ID = "X-Request-ID"
SECRET = "X-Calculator-Secret"  # noqa: S105 - the name of the header
OPEN_PATHS = frozenset({"/health/live"})

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger(__name__)


class Gate:
    """Names the request, asks for the secret, counts the answer."""

    def __init__(self, app: FastAPI, *, secret: str | None, metrics: Metrics) -> None:
        self.fastapi = app
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
                if self._is_welcome(scope["path"], headers):
                    await self.fastapi(scope, receive, named)
                else:
                    await _refuse(request_id)(scope, receive, named)
            except Exception:
                if status != HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise  # otherwise it has been answered and logged, and is only raised again
            finally:
                self._count(scope, status, time.perf_counter() - started)

    def _is_welcome(self, path: str, headers: Headers) -> bool:
        if self.secret is None or path in OPEN_PATHS:
            return True
        return hmac.compare_digest(headers.get(SECRET, "").encode(), self.secret)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        self.metrics.answered(route, status, seconds)


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
