"""The audit log. It keeps ids without foreign keys: what it tells of may be gone."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Record, stored_enum

WORD_CHARS = 64
DIGEST_CHARS = 64


class ActorKind(StrEnum):
    """What kind of somebody acted."""

    user = "user"
    system = "system"


class AuditRecord(Record):
    """One act: who, what, on what, the fields it changed before and after, from where, in which request.

    ``position`` and ``digest`` are set once, when the row is sealed: the digest covers the row and the
    digest of the row before it. Triggers in the database refuse every other change, and every deletion.
    """

    __tablename__ = "audit_records"

    actor_kind: Mapped[ActorKind] = mapped_column(stored_enum(ActorKind))
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(WORD_CHARS))
    object_kind: Mapped[str] = mapped_column(String(WORD_CHARS))
    object_id: Mapped[str | None] = mapped_column(String(WORD_CHARS))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    address: Mapped[str] = mapped_column(String(WORD_CHARS), default="")
    request_id: Mapped[str | None] = mapped_column(String(WORD_CHARS))
    position: Mapped[int | None] = mapped_column(unique=True)
    digest: Mapped[str | None] = mapped_column(String(DIGEST_CHARS))


Index("ix_audit_records_created_at", AuditRecord.created_at)
Index("ix_audit_records_actor_id", AuditRecord.actor_id)
Index("ix_audit_records_object", AuditRecord.object_kind, AuditRecord.object_id)
Index(
    "ix_audit_records_unsealed",
    AuditRecord.id,
    sqlite_where=AuditRecord.position.is_(None),
    postgresql_where=AuditRecord.position.is_(None),
)
