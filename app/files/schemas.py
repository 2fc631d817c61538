"""Files on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.analyses.models import Analysis
from app.analyses.service import is_readable
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
    """Where the bytes are, and more: signed for ten minutes, so that they work without a header.

    ``preview`` takes ``&size=``.
    """

    preview: str
    model: str
    download: str
    events: str


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


class Pending(Schema):
    """What was asked for is not there yet; ask again after ``Retry-After`` seconds."""

    status: FileStatus


def status_of(analysis: Analysis | None, *, is_measuring: bool) -> FileStatus:
    """Where a file stands whose content has this outcome."""
    if analysis is None or not is_readable(analysis):
        return "analysing" if is_measuring else "stored"
    return "ready" if analysis.failure_code is None else "failed"


def pending(file: File) -> Pending:
    """The same, of a file that was asked for."""
    return Pending(status=status_of(file.analysed, is_measuring=file.measuring is not None))


def failure_of(analysis: Analysis | None) -> Failure | None:
    """Why there are no facts, if that is the outcome."""
    if analysis is None or analysis.failure_code is None:
        return None
    return Failure(code=analysis.failure_code, message=analysis.failure_message or "")


def described(
    file: File, analysis: Analysis | None, links: DownloadLinks, *, is_measuring: bool = False
) -> FileRead:
    """The file as clients see it."""
    facts = analysis.facts if analysis is not None and is_readable(analysis) else None
    address = f"/files/{file.id}"
    return FileRead(
        id=file.id,
        name=file.name,
        size_bytes=file.size_bytes,
        sha256=file.content.sha256,
        format=file.format,
        status=status_of(analysis, is_measuring=is_measuring),
        failure=failure_of(analysis),
        analysis=PartFacts.model_validate(facts) if facts is not None else None,
        links=FileLinks(
            preview=links.to_path(f"{address}/preview"),
            model=links.to_path(f"{address}/model.glb"),
            download=links.to(f"{address}/download", file.content.storage_key, file.name),
            events=links.to_path(f"{address}/events"),
        ),
        is_demo=file.is_demo,
        created_at=file.created_at,
    )
