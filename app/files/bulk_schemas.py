"""Many files at once, on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from app.core.schemas import Schema

MOST = 100


def _separated(value: object) -> object:
    """``ids=a&ids=b`` and ``ids=a,b`` mean the same."""
    if not isinstance(value, list):
        return value
    return [part for item in value for part in (item.split(",") if isinstance(item, str) else [item])]


class FileIds(Schema):
    """Which files."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class ArchiveQuery(Schema):
    """Which files to pack: repeated, or separated by commas."""

    ids: Annotated[list[UUID], BeforeValidator(_separated), Field(min_length=1, max_length=MOST)]


class Refusal(Schema):
    """Why a file was not deleted."""

    code: str
    message: str


class Deleted(Schema):
    """What became of one file."""

    id: UUID
    deleted: bool
    problem: Refusal | None


class DeletedFiles(Schema):
    """What became of each, in the order asked."""

    items: list[Deleted]
