"""A SQLite database: copied while it is written to, replaced in one step."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scripts.backups import BackupFailed
from scripts.backups.archive import sync_folder
from scripts.backups.contents import Contents, contents_at
from scripts.backups.manifest import Engine

DIALECT = "sqlite+aiosqlite:///"
WITH_ITS_LOG = ("", "-wal", "-shm")
BUSY_SECONDS = 10.0


class SqliteDatabase:
    """The database in one file."""

    engine: Engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def url(self) -> str:
        """As the settings write it."""
        return f"{DIALECT}{self.path}"

    @property
    def folder(self) -> Path:
        """Where a database must wait to be swapped in."""
        return self.path.parent

    async def copy_to(self, target: Path) -> Contents:
        """Copy the state of this moment; writers go on meanwhile."""
        if not self.path.exists():
            raise BackupFailed(f"There is no database {self.path}.")
        try:
            source = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS
            )
            with contextlib.closing(source), contextlib.closing(sqlite3.connect(target)) as copy:
                source.backup(copy)  # in one step: a write in between would start it over
        except sqlite3.Error as error:
            raise BackupFailed(f"{self.path} cannot be copied: {error}.") from error
        ensure_sound(target)
        return await contents_at(f"{DIALECT}{target}")

    async def is_empty(self) -> bool:
        """Whether nothing would be lost by putting another database here."""
        return not self.path.exists()

    @asynccontextmanager
    async def replaced_by(self, dump: Path) -> AsyncIterator[str]:
        """Yields the URL of the new database, which takes the old one's place at the end of the block.

        ``dump`` must lie on the same file system; it is moved.
        """
        ensure_sound(dump)
        yield f"{DIALECT}{dump}"
        self._swap(dump)

    def _swap(self, dump: Path) -> None:
        """The former database is only renamed until the new one has its name."""
        if self.path.exists():
            self._ensure_unused()
        former = [(self._part(end), self._part(f".former{end}")) for end in WITH_ITS_LOG]
        for present, aside in former:
            if present.exists():
                present.replace(aside)
        dump.chmod(0o600)
        dump.replace(self.path)
        sync_folder(self.path.parent)
        for _, aside in former:
            aside.unlink(missing_ok=True)

    def _part(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _ensure_unused(self) -> None:
        """A database others hold open cannot leave the write-ahead log; a broken one is in nobody's use."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=0)) as connection:
            try:
                connection.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as error:
                raise BackupFailed(f"{self.path} is in use ({error}); stop the service first.") from error
            except sqlite3.DatabaseError:
                return


def ensure_sound(path: Path) -> None:
    """Read every page and every reference of a database file; raises `BackupFailed` when one is wrong."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise BackupFailed(f"The database is damaged: {error}.") from error
    if verdict != "ok":
        raise BackupFailed(f"The database is damaged: {verdict}.")
    if dangling is not None:
        raise BackupFailed(f"The database is damaged: a row of {dangling[0]} refers to no {dangling[2]}.")
