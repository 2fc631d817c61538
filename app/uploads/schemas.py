"""Uploads on the wire, besides the headers of the protocol."""

from datetime import datetime
from uuid import UUID

from app.core.schemas import Schema


class UploadRead(Schema):
    """How far an upload has come; ``file_id`` is there once it has become a file."""

    id: UUID
    name: str
    length_bytes: int
    offset_bytes: int
    file_id: UUID | None
    expires_at: datetime
    created_at: datetime
