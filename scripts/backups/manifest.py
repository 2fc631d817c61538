"""What an archive says about itself, written when everything else is in."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Engine = Literal["sqlite", "postgresql"]

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
"""The digest of the manifest: the last member."""
SECRETS = "secrets.env"
STORAGE = "storage/"
"""Stored files are the members ``storage/<key>``."""
DATABASES: dict[Engine, str] = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class Member(BaseModel):
    """One file of the archive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size_bytes: int
    sha256: str


class Manifest(BaseModel):
    """Where a backup comes from and what belongs to it."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    version: str
    made_at: datetime
    database: Engine
    revision: str
    """The schema the database had (Alembic)."""
    tables: dict[str, int]
    """Rows of every table."""
    members: dict[str, Member]
    deleted_meanwhile: list[str] = []
    """Keys of files that were deleted by their owners between the copy of the database and theirs."""
    missing: list[str] = []
    """Keys of files the database knows and the storage had lost, or held with other bytes."""

    @property
    def stored_files(self) -> int:
        """How many stored files are inside."""
        return sum(name.startswith(STORAGE) for name in self.members)

    @property
    def size_bytes(self) -> int:
        """Everything inside, unpacked."""
        return sum(member.size_bytes for member in self.members.values())
