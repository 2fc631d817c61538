"""Calls to neighbouring services: pooled, timed, guarded, and translated into our failures."""

import asyncio
import functools
import time
from collections.abc import AsyncIterable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from app.contract.problem import Problem
from app.core.breaker import Attempt, Breaker, BreakerOpen
from app.core.errors import PROBLEM_JSON, AppError, Unavailable, UpstreamFailed, UpstreamTimeout

log = structlog.get_logger("app.http")

JSON = "application/json"
MAX_RESPONSE_BYTES = 8 * 1024 * 1024
REQUEST_ID = "X-Request-ID"
IDLE_SECONDS = 3.0
"""Shorter than uvicorn's five, so that the neighbour never closes a connection we are about to use."""

MAX_DIGITS = 4

M = TypeVar("M", bound=BaseModel)
F = TypeVar("F", bound=AppError)
Kind = Literal["unavailable", "timeout", "failed"]

MEANING_OF_STATUS: dict[int, Kind] = {503: "unavailable", 504: "timeout"}


class UpstreamErrors(NamedTuple):
    """What calling one neighbour may end in; for ``problems(*upstream_errors("calculator"))``."""

    unavailable: type[Unavailable]
    timeout: type[UpstreamTimeout]
    failed: type[UpstreamFailed]


@functools.cache
def upstream_errors(name: str) -> UpstreamErrors:
    """The failures of a neighbour: codes ``<name>-unavailable``, ``<name>-timeout``, ``<name>-failed``."""
    return UpstreamErrors(
        _failure(Unavailable, name, "unavailable", f"The {name} cannot be reached at the moment."),
        _failure(UpstreamTimeout, name, "timeout", f"The {name} did not answer in time."),
        _failure(UpstreamFailed, name, "failed", f"The {name} gave an answer that cannot be used."),
    )


def _failure(family: type[F], name: str, kind: str, sentence: str) -> type[F]:
    words = {"__doc__": sentence, "__module__": __name__, "code": f"{name}-{kind}"}
    return type(f"{name.title().replace('-', '')}{kind.title()}", (family,), words)


def make_client(
    *,
    connect_seconds: float = 2.0,
    read_seconds: float = 30.0,
    pool_seconds: float = 2.0,
    connections: int = 32,
    keep_alive: bool = True,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """The pooled client of a process: no redirects, no proxies from the environment; close it at the end."""
    limits = httpx.Limits(
        max_connections=connections,
        max_keepalive_connections=connections if keep_alive else 0,
        keepalive_expiry=IDLE_SECONDS,
    )
    return httpx.AsyncClient(
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds, pool=pool_seconds),
        transport=transport or httpx.AsyncHTTPTransport(limits=limits, trust_env=False),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "millwright"},
    )


class _Failed(Exception):
    """What an exchange ended in, before it is told to the log and to the caller."""

    def __init__(self, kind: Kind, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.headers = headers


class Upstream:
    """One neighbour under one base address.

    Answers 2xx and 4xx are returned for the caller to translate; anything else is one of
    ``upstream_errors(name)``, each with Retry-After. Transport failures and 5xx answers count for the
    breaker, so routes of very different patience want an `Upstream` each (the client may be shared).
    ``headers`` go with every request (a shared secret); the id of our own request is always forwarded.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        client: httpx.AsyncClient,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 30.0,
        failures: int = 5,
        open_seconds: float = 10.0,
    ) -> None:
        self.name = name
        self.errors = upstream_errors(name)
        self._base_url = base_url.rstrip("/")
        self._client = client
        self._headers = dict(headers or {})
        self._timeout_seconds = timeout_seconds
        self._breaker = Breaker(name, failures=failures, open_seconds=open_seconds)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,  # noqa: ANN401 - any JSON document
        content: bytes | AsyncIterable[bytes] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - becomes the time-out of every phase as well
        expects: str = JSON,
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> httpx.Response:
        """The whole answer: 4xx, or 2xx of the media type ``expects`` (without a body: of any).

        ``timeout`` bounds the exchange from first to last byte, in seconds; ``max_bytes`` its answer.
        """
        seconds = timeout or self._timeout_seconds
        phases = self._client.timeout
        request = self._client.build_request(
            method,
            self._base_url + path,
            json=json,
            content=content,
            params=params,
            headers={**self._headers, **_request_id(), **(headers or {})},
            timeout=httpx.Timeout(seconds, connect=phases.connect, pool=phases.pool),
        )
        started = time.monotonic()
        try:
            with self._breaker.attempt() as attempt:
                response = await self._exchange(request, attempt, seconds, max_bytes)
            return _usable(response, expects)
        except BreakerOpen:
            failure = _Failed("unavailable", "left alone after several failures")
        except _Failed as raised:
            failure = raised
        log.warning(
            "upstream call failed",
            upstream=self.name,
            method=method,
            path=path,
            kind=failure.kind,
            reason=str(failure),
            seconds=round(time.monotonic() - started, 3),
        )
        kind: type[AppError] = getattr(self.errors, failure.kind)
        raise kind(headers=failure.headers) from failure.__cause__

    def read(self, response: httpx.Response, model: type[M]) -> M:
        """The body as a model; a body that does not fit it is the neighbour's failure."""
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[:1]
            log.warning("upstream answer unusable", upstream=self.name, model=model.__name__, first=first)
            raise self.errors.failed from None

    def problem(self, response: httpx.Response) -> Problem:
        """The problem document of a 4xx answer, for the caller to translate."""
        if _media_type(response) != PROBLEM_JSON:
            raise self.errors.failed
        return self.read(response, Problem)

    async def _exchange(
        self, request: httpx.Request, attempt: Attempt, seconds: float, max_bytes: int
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(seconds):
                response = await self._send(request, max_bytes)
        except httpx.PoolTimeout as error:
            raise _Failed("unavailable", "every connection is in use") from error
        except (httpx.RequestError, TimeoutError) as error:
            attempt.failed = True
            raise _Failed(_meaning(error), repr(error)) from error
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            attempt.failed = True
            kind = MEANING_OF_STATUS.get(response.status_code, "failed")
            raise _Failed(kind, f"status {response.status_code}", _retry_after(response))
        return response

    async def _send(self, request: httpx.Request, max_bytes: int) -> httpx.Response:
        response = await self._client.send(request, stream=True)
        try:
            body = await _bounded_body(response, max_bytes)
        finally:
            await response.aclose()
        return httpx.Response(response.status_code, headers=response.headers, content=body, request=request)


def _meaning(error: Exception) -> Kind:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "unavailable"
    return "timeout" if isinstance(error, httpx.TimeoutException | TimeoutError) else "failed"


async def _bounded_body(response: httpx.Response, max_bytes: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _Failed("failed", "an encoding that was not asked for")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise _Failed("failed", f"more than {max_bytes} bytes")
    return bytes(body)


def _usable(response: httpx.Response, expects: str) -> httpx.Response:
    if not (response.is_success or response.is_client_error):
        raise _Failed("failed", f"status {response.status_code}")
    if response.is_success and response.content and _media_type(response) != expects:
        raise _Failed("failed", f"{_media_type(response)!r} instead of {expects}")
    return response


def _media_type(response: httpx.Response) -> str:
    media_type: str = response.headers.get("Content-Type", "")
    return media_type.partition(";")[0].strip().lower()


def _retry_after(response: httpx.Response) -> dict[str, str]:
    seconds: str = response.headers.get("Retry-After", "")
    return (
        {"Retry-After": seconds}
        if seconds.isascii() and seconds.isdigit() and len(seconds) <= MAX_DIGITS
        else {}
    )


def _request_id() -> dict[str, str]:
    found = structlog.contextvars.get_contextvars().get("request_id")
    return {REQUEST_ID: found} if found else {}
