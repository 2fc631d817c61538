"""What happens to files that others care about."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True)
class FileStored(Event):
    """There is a new file with all its bytes."""

    name: ClassVar[str] = "files.file_stored"

    file_id: UUID
