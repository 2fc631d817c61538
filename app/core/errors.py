"""The tree of failures and the one shape they take on the wire.

A class of the tree says what happened (``code``), its family says the HTTP status; the sentence may be
made more precise where it is raised. Nothing outside this file builds an error answer.
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from app.contract.geometry import Finding
from app.contract.problem import FieldError, Problem

PROBLEM_JSON = "application/problem+json"


class AppError(Exception):
    """Base of every expected failure.

    ``keeps_writes``: the unit of work commits what was written before the failure (a counted attempt, a
    revoked session); everything else rolls back. ``retry_after_seconds`` becomes the Retry-After header,
    ``challenge`` the WWW-Authenticate header that every 401 must have (RFC 9110, 11.6.1).
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]
    keeps_writes: ClassVar[bool] = False
    retry_after_seconds: ClassVar[int | None] = None
    challenge: ClassVar[str | None] = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.detail = detail or (inspect.getdoc(type(self)) or self.title).split("\n", 1)[0]
        super().__init__(self.detail)
        self.errors = list(errors)
        self.findings = list(findings)
        self.headers = dict(headers or {})
        if self.retry_after_seconds is not None:
            self.headers.setdefault("Retry-After", str(self.retry_after_seconds))
        if self.challenge is not None:
            self.headers.setdefault("WWW-Authenticate", self.challenge)

    @property
    def wire_code(self) -> str:
        """The code sent; a neighbour's problem passes its own through."""
        return self.code

    def problem(self, request_id: str | None) -> Problem:
        """The document sent to the client."""
        return Problem(
            type=f"urn:millwright:problem:{self.wire_code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            code=self.wire_code,
            request_id=request_id,
            errors=self.errors,
            findings=self.findings,
        )


class Malformed(AppError):
    """The request body cannot be parsed."""

    status, code, title = 400, "malformed", "Malformed request"


class Unauthorized(AppError):
    """Sign in first, then repeat the request with the access token."""

    status, code, title = 401, "unauthenticated", "Not signed in"
    challenge = "Bearer"


class Forbidden(AppError):
    """You are not allowed to do this."""

    status, code, title = 403, "forbidden", "Forbidden"


class NotFound(AppError):
    """There is nothing here, or it is not yours."""

    status, code, title = 404, "not-found", "Not found"


class MethodNotAllowed(AppError):
    """The address does not answer to this method; see the Allow header."""

    status, code, title = 405, "method-not-allowed", "Method not allowed"


class RequestTimeout(AppError):
    """The request arrived too slowly; repeat it over a better connection."""

    status, code, title = 408, "request-timeout", "Request too slow"


class Conflict(AppError):
    """The request clashes with what is stored; look at the present state and try again."""

    status, code, title = 409, "conflict", "Conflict"


class Gone(AppError):
    """It existed once and does not any more."""

    status, code, title = 410, "gone", "Gone"


class PreconditionFailed(AppError):
    """Somebody changed this in the meantime; read it again and repeat your change."""

    status, code, title = 412, "version-conflict", "Version conflict"


class PayloadTooLarge(AppError):
    """The request body is larger than this address takes."""

    status, code, title = 413, "request-too-large", "Request too large"


class UnsupportedFile(AppError):
    """The content is of no format this service takes."""

    status, code, title = 415, "unsupported-file", "Unsupported file"


class Rejected(AppError):
    """The content sent cannot be used."""

    status, code, title = 422, "validation-failed", "The request cannot be used"


class TooManyRequests(AppError):
    """Too many requests; wait and try again."""

    status, code, title = 429, "rate-limited", "Too many requests"
    retry_after_seconds = 60


class HeadersTooLarge(AppError):
    """Request line and headers are longer, or more lines, than this service takes."""

    status, code, title = 431, "headers-too-large", "Headers too large"


class Unexpected(AppError):
    """Something went wrong on our side; the request id helps us to find out what."""

    status, code, title = 500, "unexpected", "Unexpected failure"


class UpstreamFailed(AppError):
    """A neighbouring service gave an answer that cannot be used."""

    status, code, title = 502, "upstream-failed", "A neighbouring service failed"
    retry_after_seconds = 5


class Unavailable(AppError):
    """A neighbouring service cannot be reached at the moment."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"
    retry_after_seconds = 5


class UpstreamTimeout(AppError):
    """A neighbouring service did not answer in time."""

    status, code, title = 504, "upstream-timeout", "A neighbouring service is too slow"
    retry_after_seconds = 10


class StorageFull(AppError):
    """There is no room left to store this; nothing was kept."""

    status, code, title = 507, "storage-full", "Storage full"
    retry_after_seconds = 300


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached at the moment; nothing was changed."""

    code, title = "database-unavailable", "Database unavailable"


class DatabaseBusy(Unavailable):
    """Too many requests are waiting for the database; nothing was changed."""

    code, title = "database-busy", "Database busy"
    retry_after_seconds = 2


class WriteConflict(Conflict):
    """Another request changed the same thing at the same moment; read it again and repeat."""

    code, title = "write-conflict", "Write conflict"


def not_usable(field: str, message: str, code: str = "invalid") -> Rejected:
    """A rejection that names the one field at fault."""
    return Rejected(f"{field}: {message}", errors=[FieldError(field=field, message=message, code=code)])


EVERYWHERE: tuple[type[AppError], ...] = (
    Malformed,
    MethodNotAllowed,
    RequestTimeout,
    PayloadTooLarge,
    Rejected,
    HeadersTooLarge,
    Unexpected,
    DatabaseUnavailable,
    DatabaseBusy,
    StorageFull,
)
"""What any route may answer besides its own failures."""


def problems(*failures: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route in the OpenAPI document: its failures with their stable codes."""
    by_status: dict[int, list[type[AppError]]] = {}
    for failure in (*failures, *EVERYWHERE):
        same = by_status.setdefault(failure.status, [])
        if failure not in same:
            same.append(failure)
    return {status: _response(status, same) for status, same in sorted(by_status.items())}


def _response(status: int, failures: Iterable[type[AppError]]) -> dict[str, Any]:
    listed = list(failures)
    lines = [f"- `{failure.code}`: {(inspect.getdoc(failure) or '').splitlines()[0]}" for failure in listed]
    known = status in {known.value for known in HTTPStatus}
    phrase = HTTPStatus(status).phrase if known else listed[0].title
    return {
        "description": phrase + "\n\n" + "\n".join(lines),
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {
                    failure.code: {"value": {"status": status, "code": failure.code, "title": failure.title}}
                    for failure in listed
                },
            }
        },
    }
