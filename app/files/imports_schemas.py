"""Imports on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.contract.base import STORABLE
from app.core.schemas import STRIPPED, Schema
from app.files.imports_models import FileImport, ImportedSource, SourceStatus
from app.files.schemas import Failure

MOST_URLS = 20
Url = Annotated[str, STRIPPED, Field(min_length=1, max_length=2048), STORABLE]


class ImportCreate(Schema):
    """Where the files are; ``http`` and ``https``, in the public internet."""

    urls: Annotated[list[Url], Field(min_length=1, max_length=MOST_URLS)]


class SourceRead(Schema):
    """What became of one address."""

    url: str
    status: SourceStatus
    file_id: UUID | None = Field(description="The new file; null again once it is deleted.")
    failure: Failure | None


class ImportRead(Schema):
    """An import, its addresses in the order in which they were sent."""

    id: UUID
    status: Literal["running", "finished"]
    items: list[SourceRead]
    created_at: datetime
    finished_at: datetime | None


def described_import(found: FileImport) -> ImportRead:
    """The import as its owner sees it."""
    return ImportRead(
        id=found.id,
        status="running" if found.finished_at is None else "finished",
        items=[_described(source) for source in found.sources],
        created_at=found.created_at,
        finished_at=found.finished_at,
    )


def _described(source: ImportedSource) -> SourceRead:
    failure = None
    if source.failure_code is not None:
        failure = Failure(code=source.failure_code, message=source.failure_message or "")
    return SourceRead(url=source.url, status=source.status, file_id=source.file_id, failure=failure)
