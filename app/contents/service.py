"""Keeping each content once, and letting go of what nobody has any more."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from functools import partial

import structlog

from app.contents.events import ContentReleased
from app.contents.models import Content
from app.contents.receiving import Counted, Received
from app.contents.repository import ContentRepository, StoredContent
from app.core.db import Database
from app.core.delivery import ByteRange
from app.core.errors import AppError
from app.core.models import new_id
from app.core.outbox import Outbox
from app.core.storage import Storage, StorageUnavailable

FOLDER = "files"

log = structlog.get_logger("app")


class ContentService:
    """Contents within a unit of work.

    Bytes are stored under a key of their own and never move; the row of their content is the last word on
    where they are. So a content that is dropped and one that comes anew at the same moment never meet in
    the storage.
    """

    def __init__(
        self, contents: ContentRepository, database: Database, storage: Storage, outbox: Outbox
    ) -> None:
        self.contents = contents
        self.database = database
        self.storage = storage
        self.outbox = outbox

    async def receive(self, chunks: AsyncIterator[bytes], limit_bytes: int, *, refusal: AppError) -> Received:
        """Store bytes before anything is known of them; they go again when the unit of work fails.

        Nothing is locked: the transaction has not begun.

        Raises:
            ``refusal``: there are more than the limit.
            StorageFull, StorageUnavailable: there is no room, or no storage.
        """
        key, counted = f"{FOLDER}/{new_id()}", Counted(chunks, limit_bytes, refusal)
        self.contents.after_rollback(partial(self.storage.delete, key))
        await self.storage.put_stream(key, aiter(counted))
        lost = await self._lost(counted.sha256, counted.size_bytes)
        return Received(key, counted.size_bytes, counted.sha256, counted.head, counted.tail, lost)

    async def keep(self, received: Received) -> Content:
        """The content of what was received, for a row that points to it in the same transaction.

        Where somebody has it already, those bytes serve and the new ones go.
        """
        new = StoredContent(received.key, received.size_bytes, received.sha256)
        content = await self.contents.keep(new, instead_of=received.instead_of)
        if content.storage_key != received.key:
            self.contents.after_commit(partial(self.storage.delete, received.key))
        return content

    async def release(self, digests: Iterable[str]) -> None:
        """Say that rows which had these contents are gone; a job looks whether anybody has them still."""
        for sha256 in sorted(set(digests)):
            await self.outbox.publish(ContentReleased(sha256))

    async def drop_unused(self, sha256: str) -> None:
        """Remove a content nobody has, its row first."""
        key = await self.contents.remove_unused(sha256)
        if key is not None:
            self.contents.after_commit(partial(self.storage.delete, key))

    async def open(self, content: Content, part: ByteRange | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes, or a part of them; `BlobMissing` where they are lost.

        Whoever reads all of them gets those that were stored, or never the end: damage is found on the way.
        """
        chunks = await self.storage.open(content.storage_key, part)
        return chunks if part is not None else _verified(chunks, content)

    async def is_there(self, content: Content) -> bool:
        """Whether all its bytes are in the storage."""
        return await self.storage.holds(content.storage_key, content.size_bytes)

    async def _lost(self, sha256: str, size_bytes: int) -> str | None:
        """Where this content should be and is not."""
        async with self.database.reading() as session:
            known = await ContentRepository(session).find(sha256)
        if known is None or await self.storage.holds(known.storage_key, size_bytes):
            return None
        return known.storage_key


async def _verified(chunks: AsyncGenerator[bytes, None], content: Content) -> AsyncGenerator[bytes, None]:
    """The same chunks; the last one is held back until all of them have the digest they should."""
    digest, held = hashlib.sha256(), b""
    async with aclosing(chunks):
        async for chunk in chunks:
            if held:
                yield held
            digest.update(chunk)
            held = chunk
    if digest.hexdigest() != content.sha256:
        log.error("stored bytes are damaged", key=content.storage_key)
        raise StorageUnavailable("The stored bytes of this file are damaged.")
    if held:
        yield held
