"""Every failure of a request becomes a problem document here, and nowhere else."""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.contract.problem import FieldError, Problem
from app.core.db import translate
from app.core.errors import (
    PROBLEM_JSON,
    AppError,
    Forbidden,
    Malformed,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Rejected,
    TooManyRequests,
    Unauthorized,
    Unexpected,
    UnsupportedFile,
)

log = structlog.get_logger("app")

FRAMEWORK_FAILURES: dict[int, type[AppError]] = {
    failure.status: failure
    for failure in (
        Malformed,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        PayloadTooLarge,
        UnsupportedFile,
    )
}
REFUSALS = {Unauthorized.status, Forbidden.status, TooManyRequests.status}
"""What whoever looks for attackers looks for."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST_FIELD = 128
LONGEST_MESSAGE = 300
MOST_ERRORS = 20
NO_FIELD = re.compile(r"\[[a-z]+\]")
"""What validation adds to a path: the kind of a union it tried, or that it means a key."""
OWN_CODES = {"page-too-deep"}
"""Validation types that are stable codes of their own instead of ``validation-failed``."""


class PageTooDeep(Rejected):
    """Pages end at row 10,000; go on with after=<id of the last row received>."""

    code, title = "page-too-deep", "Page too deep"


def problem_response(error: AppError, request_id: str | None) -> Response:
    """The answer for a failure."""
    return Response(
        error.problem(request_id).model_dump_json(),
        status_code=error.status,
        media_type=PROBLEM_JSON,
        headers=error.headers,
    )


def request_id_of(scope: Mapping[str, Any]) -> str | None:
    """The id the request-id middleware gave this request."""
    found: str | None = scope.get("state", {}).get("request_id")
    return found


def install_handlers(app: FastAPI) -> None:
    """Register the handlers and describe the problem document in OpenAPI."""
    app.add_exception_handler(AppError, _expected)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(SQLAlchemyError, _unexpected)
    app.add_exception_handler(OSError, _unexpected)


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if error.status >= 500:  # noqa: PLR2004 - HTTP's class of server failures
        log.warning("request failed", code=error.wire_code, detail=error.detail, cause=repr(error.__cause__))
    elif error.status in REFUSALS:
        log.info("refused", code=error.wire_code, method=request.method, path=request.url.path)
    return problem_response(error, request_id_of(request.scope))


async def _framework(request: Request, error: Exception) -> Response:
    """What the framework raises itself: unknown routes, wrong methods, bodies that do not parse."""
    assert isinstance(error, HTTPException)
    failure = FRAMEWORK_FAILURES.get(error.status_code, Rejected if error.status_code < 500 else Unexpected)  # noqa: PLR2004
    headers = {"Allow": _allowed(request)} if failure is MethodNotAllowed else error.headers
    return problem_response(failure(headers=headers), request_id_of(request.scope))


def _allowed(request: Request) -> str:
    """Every method of this path; the framework names those of the first route only."""
    return ", ".join(
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return problem_response(Malformed("The body is not valid JSON."), request_id_of(request.scope))
    fields = [_field_error(item) for item in errors[:MOST_ERRORS]]
    detail = "; ".join(f"{item.field}: {item.message}" for item in fields[:5])
    failure = PageTooDeep if any(item.code in OWN_CODES for item in fields) else Rejected
    return problem_response(failure(detail, errors=fields), request_id_of(request.scope))


def _field_error(item: Mapping[str, Any]) -> FieldError:
    """The path into the request as its sender knows it, and why; neither echoes more than a line or two."""
    _, *path = [str(part) for part in item["loc"]]
    place = [part for part in path if not NO_FIELD.fullmatch(part)]
    message = str(item["msg"]).removeprefix("Value error, ")
    return FieldError(
        field=_cut(".".join(place), LONGEST_FIELD) or "body",
        message=_cut(message, LONGEST_MESSAGE),
        code=str(item["type"]),
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


async def _unexpected(request: Request, error: Exception) -> Response:
    known = translate(error)
    if known is None:
        raise error
    known.__cause__ = error
    return await _expected(request, known)


class UnexpectedFailures:
    """The last net (pure ASGI): logs what nobody expected and answers without telling its insides."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching whether an answer has begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            log.info("client went away", method=scope["method"], path=scope["path"])
        except Exception:
            log.exception("unexpected failure", method=scope["method"], path=scope["path"])
            if started:
                raise
            response = problem_response(Unexpected(), request_id_of(scope))
            await response(scope, receive, send)


def describe_problem(document: dict[str, Any]) -> None:
    """Put the problem document's schema into an OpenAPI document and drop FastAPI's own error shapes."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(described.pop("$defs", {}))
    schemas["Problem"] = described
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
