"""What happens to files that others care about, and what is asked for in the background."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True)
class FileStored(Event):
    """There is a new file with all its bytes."""

    name: ClassVar[str] = "files.file_stored"

    file_id: UUID


@dataclass(frozen=True)
class PartOutdated(Event):
    """What is known of a file, or drawn of it, is missing or of an older kind."""

    name: ClassVar[str] = "files.part_outdated"

    file_id: UUID


@dataclass(frozen=True)
class PictureAsked(Event):
    """A picture or a model of a content is wanted that is not there."""

    name: ClassVar[str] = "files.picture_asked"

    sha256: str
    kind: str

    @property
    def key(self) -> str:
        """Each picture by itself."""
        return f"{self.sha256}:{self.kind}"


@dataclass(frozen=True)
class ImportAsked(Event):
    """Somebody wants files fetched from addresses."""

    name: ClassVar[str] = "files.import_asked"

    owner_id: UUID
    """One import of an owner at a time."""
    import_id: UUID
