"""Comparing what the database says is stored with what the storage holds."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from app.analyses.pictures_repository import PictureRepository
from app.contents.repository import ContentRepository
from app.core.clock import now
from app.core.db import Database
from app.core.storage import Blob, BlobMissing, Storage
from app.uploads.repository import UploadRepository

ON_ITS_WAY = timedelta(hours=1)
"""So long bytes may wait for their row."""


class Expected(NamedTuple):
    """What must be there; the SHA-256 of contents is known."""

    size_bytes: int
    sha256: str | None


@dataclass
class Report:
    """What was found, by keys."""

    checked: int = 0
    checked_bytes: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is amiss."""
        return not (self.lost or self.damaged or self.orphaned)


async def inspect(database: Database, storage: Storage, *, quick: bool) -> Report:
    """Find what is lost, damaged and orphaned; the service may run meanwhile.

    ``quick`` compares sizes instead of reading every byte.
    """
    held = {blob.key: blob async for blob in storage.blobs()}
    rows = await expected(database)
    report = Report()
    for key, row in sorted(rows.items()):
        if await is_gone(storage, held, key):
            report.lost.append(key)
        elif not await is_whole(storage, held, key, row, quick=quick):
            report.damaged.append(key)
        report.checked, report.checked_bytes = report.checked + 1, report.checked_bytes + row.size_bytes
    waiting = now() - ON_ITS_WAY
    report.orphaned = sorted(
        key for key, blob in held.items() if key not in rows and blob.stored_at < waiting
    )
    return await without_what_went_meanwhile(report, database)


async def expected(database: Database) -> dict[str, Expected]:
    """Everything that some row says is stored."""
    async with database.reading() as session:
        contents = await ContentRepository(session).stored()
        pieces = await UploadRepository(session).stored()
    others = [*pieces, *await PictureRepository(database).stored()]
    return {row.key: Expected(row.size_bytes, row.sha256) for row in contents} | {
        key: Expected(size_bytes, None) for key, size_bytes in others
    }


async def is_gone(storage: Storage, held: dict[str, Blob], key: str) -> bool:
    """Whether there is nothing; what came after the list was made is there."""
    return key not in held and not await storage.exists(key)


async def is_whole(storage: Storage, held: dict[str, Blob], key: str, row: Expected, *, quick: bool) -> bool:
    """Whether the bytes are those that were stored."""
    size_bytes = held[key].size_bytes if key in held else await storage.size(key)
    if size_bytes != row.size_bytes or quick or row.sha256 is None:
        return size_bytes == row.size_bytes
    digest = hashlib.sha256()
    try:
        async for chunk in await storage.open(key):
            digest.update(chunk)
    except BlobMissing:
        return False
    return digest.hexdigest() == row.sha256


async def without_what_went_meanwhile(report: Report, database: Database) -> Report:
    """What no row names any more was deleted while we looked."""
    if report.lost or report.damaged:
        present = await expected(database)
        report.lost = [key for key in report.lost if key in present]
        report.damaged = [key for key in report.damaged if key in present]
    return report
