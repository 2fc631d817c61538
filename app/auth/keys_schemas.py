"""API keys, on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.auth.models import KeyScope
from app.core.pagination import ListQuery
from app.core.schemas import STRIPPED, Moment, OneLine, Schema


class KeySort(StrEnum):
    """In which order keys are listed."""

    newest = "-created_at"
    oldest = "created_at"


class KeyQuery(ListQuery):
    """Which keys; ``search`` looks into the name."""

    sort: KeySort = KeySort.newest


class KeyCreate(Schema):
    """A key for one program: what it is called, what it may do, and until when (for good if left out)."""

    name: Annotated[str, STRIPPED, Field(min_length=1, max_length=100), OneLine]
    scopes: Annotated[list[KeyScope], Field(min_length=1, max_length=len(KeyScope))]
    expires_at: Moment | None = None


class KeyRead(Schema):
    """A key that can be used, without what must stay secret. ``prefix`` tells keys apart."""

    id: UUID
    name: str
    prefix: str
    scopes: list[KeyScope]
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    created_at: datetime


class KeyIssued(KeyRead):
    """A new key; ``key`` is never shown again."""

    key: str


class KeyHolder(Schema):
    """What a key stands for: the program in whose name, and what it may do."""

    key_id: UUID
    user_id: UUID
    name: str
    scopes: list[KeyScope]
    expires_at: datetime | None
