"""Rows of files: each its owner's own; the content may be shared."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.analyses.models import FACTS, Analysis, ContentLease
from app.auth.models import User
from app.contents.models import Content
from app.contract.geometry import PartFormat
from app.core.job_tables import Moment
from app.core.models import Record


class File(Record):
    """A part somebody uploaded, or one of the demo parts everybody may use."""

    __tablename__ = "files"

    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    name: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str] = mapped_column(ForeignKey(Content.sha256), index=True)
    format: Mapped[PartFormat] = mapped_column(String(16))
    is_demo: Mapped[bool] = mapped_column(default=False)

    content: Mapped[Content] = relationship(Content, lazy="raise")
    analysed: Mapped[Analysis | None] = relationship(
        Analysis,
        primaryjoin=lambda: foreign(File.sha256) == Analysis.sha256,
        viewonly=True,
        uselist=False,
        lazy="raise",
    )
    measuring: Mapped[ContentLease | None] = relationship(
        ContentLease,
        primaryjoin=lambda: and_(
            foreign(File.sha256) == ContentLease.sha256,
            ContentLease.work == FACTS,
            ContentLease.until >= Moment(),
        ),
        viewonly=True,
        uselist=False,
        lazy="raise",
    )

    __table_args__ = (Index("ix_files_owner_id_created_at_id", "owner_id", "created_at", "id"),)
