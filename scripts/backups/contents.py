"""What a database holds, asked at one moment."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, func, inspect, select, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.contents.repository import ContentRepository, StoredContent
from app.core.config import DatabaseSection
from app.core.db import Database, open_database
from scripts.backups import BackupFailed
from scripts.backups.manifest import Engine

PATIENT_SECONDS = 3600.0
"""Counting and comparing every row may take longer than a request ever should."""


@dataclass(frozen=True)
class Contents:
    """The schema, the rows of every table and the stored contents of one moment."""

    revision: str
    tables: dict[str, int]
    files: list[StoredContent]


class AnyDatabase(Protocol):
    """A database of one of the two engines."""

    @property
    def engine(self) -> Engine:
        """Which."""

    @property
    def url(self) -> str:
        """As the settings write it."""

    @property
    def folder(self) -> Path | None:
        """Where a dump must wait that is to take its place; ``None`` for anywhere."""

    async def copy_to(self, target: Path) -> Contents:
        """Copy the state of this moment into a file; writers go on meanwhile."""

    async def is_empty(self) -> bool:
        """Whether nothing would be lost by putting another database here."""

    def replaced_by(self, dump: Path) -> AbstractAsyncContextManager[str]:
        """Yields the URL of the new database, which is there for good when the block ends well."""


async def contents_of(connection: AsyncConnection) -> Contents:
    """What the transaction of this connection sees."""
    revision = await connection.run_sync(_revision)
    if revision is None:
        raise BackupFailed("The database holds no tables of Millwright.")
    names = await connection.run_sync(lambda sync: sorted(inspect(sync).get_table_names()))
    tables = {}
    for name in names:
        counted = await connection.execute(select(func.count()).select_from(table(name)))
        tables[name] = counted.scalar_one()
    session = AsyncSession(connection)
    return Contents(revision, tables, await ContentRepository(session).stored())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """The database, with patience."""
    database = open_database(DatabaseSection(url=SecretStr(url), statement_seconds=PATIENT_SECONDS))
    try:
        yield database
    finally:
        await database.close()


async def contents_at(url: str) -> Contents:
    """What a database holds that nobody writes to."""
    async with opened(url) as database, database.engine.connect() as connection:
        return await contents_of(connection)
