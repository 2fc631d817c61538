"""Every failure as an RFC 9457 problem document."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.calculator.errors import CalculatorError, first_errors
from app.contract.geometry import Finding
from app.contract.problem import FieldError, Problem

PROBLEM_JSON = "application/problem+json"
CLIENT_LEFT = 499
"""nginx's status for a client that went away; nobody reads it."""

_CODES = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
}

log = structlog.get_logger(__name__)


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    request_id: str | None,
    errors: Sequence[FieldError] = (),
    findings: Sequence[Finding] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one shape of every error answer."""
    problem = Problem(
        type=f"urn:millwright:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        request_id=request_id,
        errors=list(errors),
        findings=list(findings),
    )
    return Response(
        problem.model_dump_json(), status_code=status, media_type=PROBLEM_JSON, headers=dict(headers or {})
    )


def request_id_of(scope: Mapping[str, Any]) -> str | None:
    """The id the middleware gave the request."""
    request_id = scope.get("state", {}).get("request_id")
    return request_id if isinstance(request_id, str) else None


def install_handlers(app: FastAPI) -> None:
    """Teach the application to answer every failure as a problem."""
    app.add_exception_handler(CalculatorError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CalculatorError)
    retry = error.retry_after_seconds
    return problem_response(
        error.status,
        error.code,
        error.title,
        error.detail,
        request_id=request_id_of(request.scope),
        errors=error.errors,
        findings=error.findings,
        headers={} if retry is None else {"Retry-After": str(retry)},
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    request_id = request_id_of(request.scope)
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        return problem_response(
            400, "malformed", "Malformed request", "The body is not JSON.", request_id=request_id
        )
    errors = first_errors(
        FieldError(
            field=".".join(str(part) for part in entry["loc"][1:]), message=entry["msg"], code=entry["type"]
        )
        for entry in found
    )
    detail = "The request does not have the expected shape."
    return problem_response(
        422, "validation-failed", "The request cannot be used", detail, request_id=request_id, errors=errors
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, status.phrase.lower().replace(" ", "-"))
    return problem_response(
        status.value,
        code,
        status.phrase,
        str(error.detail),
        request_id=request_id_of(request.scope),
        headers=error.headers,
    )


async def _left(_request: Request, _error: Exception) -> Response:
    return Response(status_code=CLIENT_LEFT)


async def _unexpected(request: Request, error: Exception) -> Response:
    request_id = request_id_of(request.scope)
    log.error("unexpected", error=repr(error)[:500], exc_info=error)
    detail = "Something went wrong here; it has been recorded under the request id."
    return problem_response(500, "unexpected", "Unexpected failure", detail, request_id=request_id)
