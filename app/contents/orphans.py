"""Bytes no row knows: a process died after it had stored them, or before it had removed them."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from app.contents.repository import ContentRepository
from app.contents.service import FOLDER
from app.core.clock import now
from app.core.db import Database
from app.core.storage import Storage
from app.core.strays import without_row

log = structlog.get_logger("app")


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
        orphans = await without_row(keys, self._ask)
        if len(orphans) == len(keys):
            if keys:
                log.warning("no stored file has a row, is this its database?", files=len(keys))
            return 0
        for key in orphans:
            await self.storage.delete(key)
        return len(orphans)

    async def _ask(self, keys: Sequence[str]) -> set[str]:
        async with self.database.reading() as session:
            return await ContentRepository(session).without_row(keys)
