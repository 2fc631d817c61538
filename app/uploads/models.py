"""Uploads on their way, and the pieces of them that have come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import User
from app.core.models import Record
from app.files.models import File


class Upload(Record):
    """A file that comes bit by bit; ``file_id`` is what became of it."""

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_owner_id_finished_at", "owner_id", "finished_at"),
        CheckConstraint("offset_bytes >= 0 AND offset_bytes <= length_bytes", name="offset_within"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    name: Mapped[str] = mapped_column(String(255))
    described_as: Mapped[str] = mapped_column(Text())
    """The Upload-Metadata header as it came, to be told again."""
    length_bytes: Mapped[int] = mapped_column(BigInteger())
    offset_bytes: Mapped[int] = mapped_column(BigInteger(), default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey(File.id, ondelete="SET NULL"), index=True)

    @property
    def is_full(self) -> bool:
        """Whether every byte has come."""
        return self.offset_bytes == self.length_bytes


class UploadPiece(Record):
    """Some bytes of an upload, in the storage until all of them are there."""

    __tablename__ = "upload_pieces"
    __table_args__ = (UniqueConstraint("upload_id", "start_bytes"),)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey(Upload.id, ondelete="CASCADE"))
    start_bytes: Mapped[int] = mapped_column(BigInteger())
    size_bytes: Mapped[int] = mapped_column(BigInteger())
    storage_key: Mapped[str] = mapped_column(String(128), unique=True)
