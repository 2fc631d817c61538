"""Imports from addresses: who asked for what, and what became of each."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import User
from app.core.models import Record, stored_enum
from app.files.models import File


class SourceStatus(StrEnum):
    """Where one address of an import stands."""

    queued = "queued"
    fetching = "fetching"
    stored = "stored"
    failed = "failed"


OPEN = (SourceStatus.queued, SourceStatus.fetching)


class ImportedSource(Record):
    """One address of an import."""

    __tablename__ = "file_import_sources"
    __table_args__ = (
        UniqueConstraint("import_id", "position"),
        Index("ix_file_import_sources_file_id", "file_id"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("file_imports.id", ondelete="CASCADE"))
    position: Mapped[int]
    url: Mapped[str] = mapped_column(Text())
    status: Mapped[SourceStatus] = mapped_column(stored_enum(SourceStatus), default=SourceStatus.queued)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey(File.id, ondelete="SET NULL"))
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(Text())


class FileImport(Record):
    """Addresses somebody wants fetched together."""

    __tablename__ = "file_imports"
    __table_args__ = (Index("ix_file_imports_owner_id_finished_at", "owner_id", "finished_at"),)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    finished_at: Mapped[datetime | None]

    sources: Mapped[list[ImportedSource]] = relationship(
        ImportedSource, order_by=ImportedSource.position, lazy="raise"
    )
