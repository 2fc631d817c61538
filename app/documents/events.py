"""What happens to documents that others care about."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True)
class DocumentStored(Event):
    """There is a new document that nobody has looked at for viruses."""

    name: ClassVar[str] = "documents.document_stored"

    document_id: UUID
