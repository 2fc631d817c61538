"""Bytes that were stored for a row which then never came: a process died between the two."""

from datetime import timedelta

from app.core.clock import now
from app.core.db import Database
from app.core.storage import Storage
from app.files.repository import FileRepository

FOLDER = "files"
BATCH = 500


class Orphans:
    """Finds and removes stored bytes that no row knows."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self.database = database
        self.storage = storage

    async def remove(self, untouched_for: timedelta) -> int:
        """Remove them; ``untouched_for`` spares uploads whose row is about to be committed. How many."""
        keys = await self.storage.keys(FOLDER, before=now() - untouched_for)
        removed = 0
        for start in range(0, len(keys), BATCH):
            async with self.database.reading() as session:
                orphans = await FileRepository(session).without_row(keys[start : start + BATCH])
            for key in orphans:
                await self.storage.delete(key)
            removed += len(orphans)
        return removed
