"""What is known of a content: its facts or why there are none, its pictures, and who is at work on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.contract.geometry import FACTS_VERSION
from app.core.models import Base, Record

SHA256_CHARS = 64
WORK_CHARS = 32
FACTS = "facts"
"""What measuring is called among the works on a content; the others are kinds of pictures."""


class Analysis(Record):
    """The outcome for one content: either facts or a failure, never both.

    ``facts_version`` is that of the analyser; ``complete`` is false when its time was up before everything
    was measured.
    """

    __tablename__ = "analyses"
    __table_args__ = (CheckConstraint("(facts IS NULL) <> (failure_code IS NULL)", name="one_outcome"),)

    sha256: Mapped[str] = mapped_column(String(SHA256_CHARS), unique=True)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(Text())
    facts_version: Mapped[int] = mapped_column(default=FACTS_VERSION, server_default="0")
    complete: Mapped[bool] = mapped_column(default=True)

    @property
    def is_current(self) -> bool:
        """Whether measuring anew could tell nothing else."""
        return self.complete and self.facts_version >= FACTS_VERSION


class Picture(Record):
    """A picture or a model of one content in the storage, or why it cannot be drawn."""

    __tablename__ = "pictures"
    __table_args__ = (
        UniqueConstraint("sha256", "kind"),
        CheckConstraint("(storage_key IS NULL) <> (failure_code IS NULL)", name="one_outcome"),
    )

    sha256: Mapped[str] = mapped_column(String(SHA256_CHARS))
    kind: Mapped[str] = mapped_column(String(WORK_CHARS))
    version: Mapped[int]
    storage_key: Mapped[str | None] = mapped_column(String(128), unique=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger())
    failure_code: Mapped[str | None] = mapped_column(String(64))


class ContentLease(Base):
    """Who is at work on a content; the right ends with ``until``, told by the database's clock."""

    __tablename__ = "content_leases"

    sha256: Mapped[str] = mapped_column(String(SHA256_CHARS), primary_key=True)
    work: Mapped[str] = mapped_column(String(WORK_CHARS), primary_key=True)
    token: Mapped[UUID]
    until: Mapped[datetime]
