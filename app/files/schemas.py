"""Files on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.analyses.models import Analysis
from app.contract.base import STORABLE
from app.contract.geometry import PartFacts, PartFormat
from app.core.download_links import DownloadLinks
from app.core.pagination import ListQuery
from app.core.schemas import STRIPPED, Schema
from app.files.models import File

FileStatus = Literal["stored", "analysing", "ready", "failed"]
FileName = Annotated[str, STRIPPED, Field(min_length=1, max_length=255), STORABLE]


class FileUpload(Schema):
    """A file sent inside JSON."""

    file_name: FileName
    file_data: str = Field(description="The bytes in base64 (RFC 4648), up to 20 MB decoded.")


class Failure(Schema):
    """Why a part could not be measured."""

    code: str
    message: str


class FileLinks(Schema):
    """Where the bytes are: signed for ten minutes, so that they work without a header."""

    download: str


class FileRead(Schema):
    """A file with what is known about it."""

    id: UUID
    name: str
    size_bytes: int
    sha256: str
    format: PartFormat
    status: FileStatus
    failure: Failure | None
    analysis: PartFacts | None
    links: FileLinks
    is_demo: bool
    created_at: datetime


class FileSort(StrEnum):
    """Orders of the list; a minus means falling."""

    newest = "-created_at"
    oldest = "created_at"
    name = "name"
    name_descending = "-name"
    largest = "-size_bytes"
    smallest = "size_bytes"


class FileQuery(ListQuery):
    """How to list files; ``search`` looks into the name."""

    format: PartFormat | None = None
    sort: FileSort = FileSort.newest


def described(file: File, analysis: Analysis | None, links: DownloadLinks) -> FileRead:
    """The file as clients see it."""
    failure = None
    if analysis is not None and analysis.failure_code is not None:
        failure = Failure(code=analysis.failure_code, message=analysis.failure_message or "")
    status: FileStatus = "stored" if analysis is None else "failed" if failure else "ready"
    facts = analysis.facts if analysis is not None else None
    return FileRead(
        id=file.id,
        name=file.name,
        size_bytes=file.size_bytes,
        sha256=file.content.sha256,
        format=file.format,
        status=status,
        failure=failure,
        analysis=PartFacts.model_validate(facts) if facts is not None else None,
        links=FileLinks(
            download=links.to(f"/files/{file.id}/download", file.content.storage_key, file.name)
        ),
        is_demo=file.is_demo,
        created_at=file.created_at,
    )
