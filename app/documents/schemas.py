"""Documents on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.contract.base import STORABLE
from app.core.download_links import DownloadLinks
from app.core.locale import Language, spoken
from app.core.pagination import ListQuery
from app.core.schemas import STRIPPED, OneLine, Schema
from app.documents.formats import FORMATS, GROUPS
from app.documents.models import Document, DocumentStatus

Category = Annotated[str, STRIPPED, Field(min_length=1, max_length=64), OneLine]
DocumentName = Annotated[str, STRIPPED, Field(min_length=1, max_length=255), STORABLE]


class DocumentUpload(Schema):
    """A document sent inside JSON."""

    file_name: DocumentName
    file_data: str = Field(description="The bytes in base64 (RFC 4648), up to 20 MB decoded.")
    category: Category | None = None


class DocumentFields(Schema):
    """What a form says besides the file."""

    category: Category | None = None


class DocumentLinks(Schema):
    """Where the bytes are: signed for ten minutes, so that they work without a header."""

    download: str


class DocumentRead(Schema):
    """A document; ``refusal`` is what the virus scanner found."""

    id: UUID
    name: str
    category: str | None
    format: str
    media_type: str
    size_bytes: int
    sha256: str
    status: DocumentStatus
    refusal: str | None
    links: DocumentLinks
    created_at: datetime


class DocumentSort(StrEnum):
    """Orders of the list; a minus means falling."""

    newest = "-created_at"
    oldest = "created_at"
    name = "name"
    name_descending = "-name"
    largest = "-size_bytes"
    smallest = "size_bytes"


class DocumentQuery(ListQuery):
    """How to list documents; ``search`` looks into the name."""

    category: Category | None = None
    format: Annotated[str, Field(max_length=16), STORABLE] | None = None
    status: list[DocumentStatus] = []
    sort: DocumentSort = DocumentSort.newest


class FormatRead(Schema):
    """A kind of document that is taken."""

    extension: str
    media_type: str


class FormatGroup(Schema):
    """Kinds that belong together."""

    id: str
    label: str
    formats: list[FormatRead]


class FormatList(Schema):
    """All that is taken."""

    items: list[FormatGroup]


def described(document: Document, links: DownloadLinks) -> DocumentRead:
    """The document as its owner sees it; what is not certain to be harmless has no way around us."""
    path = f"/documents/{document.id}/download"
    download = (
        links.to(path, document.content.storage_key, document.name)
        if document.may_be_given
        else links.to_path(path)
    )
    return DocumentRead(
        id=document.id,
        name=document.name,
        category=document.category,
        format=document.format,
        media_type=FORMATS[document.format].media_type,
        size_bytes=document.size_bytes,
        sha256=document.content.sha256,
        status=document.status,
        refusal=document.refusal,
        links=DocumentLinks(download=download),
        created_at=document.created_at,
    )


def formats_in(language: Language) -> FormatList:
    """What is taken, by groups named in this language."""
    return FormatList(
        items=[
            FormatGroup(
                id=group,
                label=spoken(label, language),
                formats=[
                    FormatRead(extension=row.extension, media_type=row.media_type)
                    for row in FORMATS.values()
                    if row.group == group
                ],
            )
            for group, label in GROUPS.items()
        ]
    )
