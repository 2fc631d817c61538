"""Bytes no row knows: a process died after it had stored them, or before it had removed them."""

from datetime import timedelta

import structlog

from app.contents.repository import ContentRepository
from app.contents.service import FOLDER
from app.core.clock import now
from app.core.db import Database
from app.core.storage import Storage

log = structlog.get_logger("app")

BATCH = 500


class Orphans:
    """Finds and removes stored bytes that no row knows."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self.database = database
        self.storage = storage

    async def remove(self, untouched_for: timedelta) -> int:
        """Remove them; ``untouched_for`` spares uploads whose row is about to be committed. How many.

        When not one stored file has a row, this is the wrong database, and nothing is touched.
        """
        keys = await self.storage.keys(FOLDER, before=now() - untouched_for)
        orphans = await self._without_row(keys)
        if len(orphans) == len(keys):
            if keys:
                log.warning("no stored file has a row, is this its database?", files=len(keys))
            return 0
        for key in orphans:
            await self.storage.delete(key)
        return len(orphans)

    async def _without_row(self, keys: list[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(keys), BATCH):
            async with self.database.reading() as session:
                found += await ContentRepository(session).without_row(keys[start : start + BATCH])
        return found
