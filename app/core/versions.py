"""Versions of rows that people edit: told as ETag, asked for with If-Match (RFC 9110, 13.1.1)."""

from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Header
from starlette.responses import Response

from app.core.errors import PreconditionFailed

ANY_VERSION = "*"
VERSION_HEADER: dict[str, Any] = {
    "ETag": {
        "schema": {"type": "string"},
        "description": "The `version` in quotes: for `If-Match` of a change.",
    }
}
"""The header of an answer with such a row, for its description."""
HAS_VERSION: dict[int | str, dict[str, Any]] = {200: {"headers": VERSION_HEADER}}
"""The ``responses`` of a route that answers with such a row."""


class Versioned(Protocol):
    """A row that counts how often it was edited."""

    @property
    def version(self) -> int:
        """Rises with every change."""


V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True)
class Expected:
    """The versions a change is meant for, as entity tags; ``None`` for whichever there is."""

    tags: frozenset[str] | None = None

    def refuse_unless(self, version: int) -> None:
        """Raise `PreconditionFailed` if somebody was faster: this version is none of those expected."""
        if self.tags is not None and etag(version) not in self.tags:
            raise PreconditionFailed


WHICHEVER = Expected()


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def telling_version(response: Response, row: V) -> V:
    """The row, its version told in the answer's ETag."""
    response.headers["ETag"] = etag(row.version)
    return row


async def expected_version(
    if_match: Annotated[
        str | None,
        Header(description="The `ETag` of what is to be changed: 412 if it was changed since."),
    ] = None,
) -> Expected:
    """A dependency: what If-Match says. Weak tags never match."""
    if if_match is None or if_match.strip() == ANY_VERSION:
        return WHICHEVER
    return Expected(frozenset(tag.strip() for tag in if_match.split(",")))


ExpectedVersion = Annotated[Expected, Depends(expected_version)]
