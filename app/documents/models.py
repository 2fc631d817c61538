"""Rows of documents: each its owner's own; the content may be shared."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import User
from app.contents.models import Content
from app.core.models import Record, stored_enum

REFUSAL_CHARS = 255


class DocumentStatus(StrEnum):
    """What is known of a document's harmlessness."""

    stored = "stored"
    """Nobody scans here."""
    pending = "pending"
    clean = "clean"
    refused = "refused"


class Document(Record):
    """Something somebody sent along, of a format that is taken."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_owner_id_created_at_id", "owner_id", "created_at", "id"),)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    name: Mapped[str] = mapped_column(String(255))
    category: Mapped[str | None] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(16))
    size_bytes: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str] = mapped_column(ForeignKey(Content.sha256), index=True)
    status: Mapped[DocumentStatus] = mapped_column(stored_enum(DocumentStatus, 16))
    refusal: Mapped[str | None] = mapped_column(String(REFUSAL_CHARS))
    """What the scanner found."""

    content: Mapped[Content] = relationship(Content, lazy="raise")

    @property
    def may_be_given(self) -> bool:
        """Whether its bytes may leave the house."""
        return self.status in {DocumentStatus.stored, DocumentStatus.clean}
