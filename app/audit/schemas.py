"""The audit log, on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.audit.models import WORD_CHARS, ActorKind
from app.contract.base import STORABLE
from app.core.pagination import ListQuery
from app.core.schemas import Moment, Schema

Word = Annotated[str, Field(max_length=WORD_CHARS), STORABLE]


class AuditSort(StrEnum):
    """In which order acts are listed."""

    newest = "-created_at"
    oldest = "created_at"


class AuditQuery(ListQuery):
    """Which acts; ``search`` looks into the action and the id of its object."""

    actor_id: UUID | None = None
    action: Word | None = None
    object_kind: Word | None = None
    object_id: Word | None = None
    since: Moment | None = None
    until: Moment | None = None
    sort: AuditSort = AuditSort.newest


class AuditRead(Schema):
    """One act; ``before`` and ``after`` hold the fields it changed."""

    id: UUID
    created_at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    action: str
    object_kind: str
    object_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    request_id: str | None
    position: int | None = Field(description="Its place in the sealed chain; null for some seconds.")
