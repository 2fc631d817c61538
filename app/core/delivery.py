"""Stored bytes on their way out: whole, in part, or not at all where the client has them (RFC 9110)."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response, StreamingResponse

from app.core.errors import AppError, problems
from app.core.names import attachment

ByteRange = tuple[int, int]
"""From the first byte up to, not including, the second."""
BINARY = "application/octet-stream"
ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE | re.ASCII)
TEXT = {"schema": {"type": "string"}}
HELD = {"ETag": TEXT, "Accept-Ranges": TEXT, "Content-Disposition": TEXT}


class RangeNotSatisfiable(AppError):
    """The part that was asked for lies behind the end; see Content-Range for the size."""

    status, code, title = 416, "range-not-satisfiable", "Range not satisfiable"


@dataclass(frozen=True)
class Deliverable:
    """What may be sent; nothing of it is opened before that is certain."""

    name: str
    size_bytes: int
    sha256: str
    open: Callable[[ByteRange | None], Awaitable[AsyncIterator[bytes]]]


@dataclass(frozen=True)
class Wanted:
    """What a client wants of it, and what it has already."""

    range: str | None
    if_range: str | None
    if_none_match: str | None
    only_headers: bool


async def wanted(
    request: Request,
    part: Annotated[str | None, Header(alias="Range", description="Such as `bytes=0-1023`.")] = None,
    if_range: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Wanted:
    """A dependency of routes that deliver."""
    return Wanted(part, if_range, if_none_match, request.scope.get("only_headers", False))


WantedDep = Annotated[Wanted, Depends(wanted)]


async def deliver(found: Deliverable, asked: Wanted) -> Response:
    """Answer 200, 206 or 304; the bytes are an attachment that no browser renders.

    Raises:
        RangeNotSatisfiable: there is no such part.
        Whatever ``found.open`` raises.
    """
    etag = f'"{found.sha256}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "Content-Disposition": attachment(found.name),
        "X-Content-Type-Options": "nosniff",
    }
    if matches(asked.if_none_match, etag):
        return Response(status_code=304, headers={name: headers[name] for name in ("ETag", "Cache-Control")})
    part = (
        None if asked.only_headers or asked.if_range not in {None, etag} else asked_part(asked.range, found)
    )
    start, end = part or (0, found.size_bytes)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size_bytes}"
    if asked.only_headers:
        return Response(headers=headers, media_type=BINARY)
    chunks = await found.open(part)
    return StreamingResponse(chunks, 200 if part is None else 206, headers, media_type=BINARY)


def asked_part(header: str | None, found: Deliverable) -> ByteRange | None:
    """The one part a Range header asks for; ``None`` for the whole, also where it asks for several.

    Raises:
        RangeNotSatisfiable: no byte of it is there.
    """
    asked = ONE_RANGE.fullmatch(header or "")
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    size = found.size_bytes
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None  # no range at all (RFC 9110, 14.1.1)
    if start >= end:
        raise RangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, end


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has what this entity tag names (RFC 9110, 13.1.2)."""
    known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    return etag in known or "*" in known


def delivered(*failures: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that delivers, in the OpenAPI document."""
    binary = {"content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}
    return {
        200: {**binary, "headers": HELD, "description": "The bytes as they came."},
        206: {
            **binary,
            "headers": {**HELD, "Content-Range": TEXT},
            "description": "The part of them that was asked for.",
        },
        304: {"description": "You have these bytes already (If-None-Match)."},
        **problems(RangeNotSatisfiable, *failures),
    }
