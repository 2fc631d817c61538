"""What every process must agree on: which version is published, and the rows behind a name.

Asked in units of work of their own, as prices are asked for outside any transaction.
"""

import asyncio
import time

from app.catalog.differences import rows_from
from app.catalog.repository import VersionRepository
from app.contract.catalog_rows import CatalogContent
from app.core.db import Database


class VersionLibrary:
    """The versions in the database. Which one is published is remembered for ``fresh_seconds`` at most."""

    def __init__(self, database: Database, *, fresh_seconds: float) -> None:
        self.database = database
        self.fresh_seconds = fresh_seconds
        self._published: str | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def published(self) -> str | None:
        """The name of the published version; ``None`` before the first."""
        if self._is_old():
            async with self._asking:
                if self._is_old():
                    asked_at = time.monotonic()
                    async with self.database.reading() as session:
                        self._published = await VersionRepository(session).name_of_published()
                    self._asked_at = asked_at
        return self._published

    async def forget(self) -> None:
        """Look again at the next question: this process has published another version."""
        self._published = None

    async def content(self, version: str) -> CatalogContent | None:
        """A version with its rows."""
        async with self.database.reading() as session:
            rows = await VersionRepository(session).rows_of(version)
        return None if rows is None else CatalogContent(version=version, rows=rows_from(rows))

    def _is_old(self) -> bool:
        return self._published is None or time.monotonic() - self._asked_at > self.fresh_seconds
