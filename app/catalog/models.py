"""The versions of the catalogue, each with all its rows."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Record, stored_enum

NOTE_CHARS = 1000


class VersionStatus(StrEnum):
    """Whether prices go by it; a retired one did once, or came with a calculator."""

    draft = "draft"
    published = "published"
    retired = "retired"


class VersionOrigin(StrEnum):
    """Where a version comes from."""

    shipped = "shipped"
    """With the calculator."""
    proposed = "proposed"
    """From an administrator."""
    merged = "merged"
    """An administrator's changes on top of what a newer calculator came with."""


class CatalogVersion(Record):
    """A catalogue by its content: its rows never change, and no content is there twice.

    ``rows`` are large and loaded only where they are asked for. Who wrote it is an id without a foreign
    key, as in the audit log; ``None`` is the service itself.
    """

    __tablename__ = "catalog_versions"

    number: Mapped[int] = mapped_column(unique=True)
    version: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[VersionStatus] = mapped_column(stored_enum(VersionStatus))
    origin: Mapped[VersionOrigin] = mapped_column(stored_enum(VersionOrigin))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalog_versions.id"))
    note: Mapped[str] = mapped_column(Text(), default="")
    created_by: Mapped[UUID | None]
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    rows: Mapped[list[Any]] = mapped_column(deferred=True, deferred_raiseload=True)


Index(
    "ix_catalog_versions_published",
    CatalogVersion.status,
    unique=True,
    sqlite_where=CatalogVersion.status == VersionStatus.published,
    postgresql_where=CatalogVersion.status == VersionStatus.published,
)
