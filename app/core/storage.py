"""Where the bytes of files live: a local folder, any S3-compatible store by setting, memory in tests."""

import asyncio
import errno
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from app.core.config import StorageSection
from app.core.errors import AppError, NotFound, StorageFull, Unavailable
from app.core.local_folder import LocalFolder
from app.core.s3 import SCHEME, PresignedLinks, open_s3
from app.core.spool import spooled

READ_CHUNK_BYTES = 256 * 1024


class BlobMissing(NotFound):
    """The content of this file is not in the storage."""

    code, title = "content-missing", "Content missing"


class StorageUnavailable(Unavailable):
    """The storage of files cannot be used at the moment; nothing was kept."""

    code, title = "storage-unavailable", "Storage unavailable"


class Blob(NamedTuple):
    """What is told of a blob without opening it."""

    key: str
    size_bytes: int
    stored_at: datetime


PART_BYTES, PARTS_AT_ONCE = 1024 * 1024, 2
"""So much of a blob is in memory while it is written."""
S3_PART_BYTES = 5 * 1024 * 1024
"""S3 takes no smaller parts, but for the last."""
S3_AT_ONCE = 3
"""Blobs on their way to S3 at the same time; the others wait on the disk."""


class Storage:
    """Blobs by key (``folder/name``, no dots between slashes).

    A blob is there whole or not at all. Every method raises `StorageUnavailable` when the store itself
    fails or its folder is gone; writing methods raise `StorageFull` when there is no room.
    """

    def __init__(
        self,
        store: ObjectStore,
        folder: LocalFolder | None = None,
        links: PresignedLinks | None = None,
    ) -> None:
        self._store = store
        self._folder = folder
        self._links = links
        self._to_s3 = asyncio.Semaphore(S3_AT_ONCE)

    @classmethod
    def at(cls, address: str) -> "Storage":
        """The store at a path, a ``file://`` or a ``memory://`` address; a folder is made."""
        return cls.of(StorageSection(url=address))

    @classmethod
    def of(cls, settings: StorageSection) -> "Storage":
        """The store of the settings; the bucket of an S3 store must be there."""
        address = settings.url
        if address.startswith(SCHEME):
            return cls(open_s3(settings), links=PresignedLinks.of(settings))
        if address.startswith("memory:"):
            return cls(MemoryStore())
        folder = Path(address.removeprefix("file://")).absolute()
        return cls(LocalStore(folder, mkdir=True), LocalFolder(folder))

    @property
    def may_get_lost(self) -> bool:
        """Whether `ping` finds out anything; an object store is not asked before it is needed."""
        return self._folder is not None

    async def ping(self) -> None:
        """Raises `StorageUnavailable` while the folder that was there at the start is gone."""
        if self._folder is not None and await asyncio.to_thread(self._folder.is_lost):
            raise StorageUnavailable

    def link(self, key: str, name: str) -> str | None:
        """An address that downloads the blob under this name without us, for ten minutes; if there is one."""
        return None if self._links is None else self._links.to(key, name)

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store what the iterator yields, replacing what was there; the number of bytes.

        When the iterator raises, or the caller is cancelled, nothing is kept and the exception goes on.
        """
        await self.ping()  # the store would make a folder that is gone anew
        source = _Source(chunks)
        with self._translated(missing=StorageUnavailable):
            writing = asyncio.ensure_future(self._write(key, source))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                source.stop()
                await asyncio.wait([writing])
                if not writing.cancelled() and writing.exception() is None:
                    await self.delete(key)
                raise
        return source.size

    async def _write(self, key: str, source: "_Source") -> None:
        """Straight into a folder; to S3 once everything is there, so that slow clients cost no memory."""
        if isinstance(self._store, S3Store):
            async with spooled(source) as file, self._to_s3:
                await obstore.put_async(self._store, key, file, chunk_size=S3_PART_BYTES, max_concurrency=1)
            return
        await obstore.put_async(
            self._store, key, source, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
        )
        if self._folder is not None:
            await asyncio.to_thread(self._folder.to_disk, self._folder.path / key)

    async def open(self, key: str, byte_range: tuple[int, int] | None = None) -> AsyncGenerator[bytes, None]:
        """The content, or its bytes from ``byte_range[0]`` up to, not including, ``byte_range[1]``.

        `BlobMissing` is raised here, before the first chunk is asked for. Who may stop early closes it
        (`contextlib.aclosing`): a file stays open meanwhile.
        """
        if self._folder is not None:
            size = await self.size(key)
            start, end = byte_range or (0, size)
            return self._read(self._folder.path / key, start, min(end, size))
        options: Any = {} if byte_range is None else {"range": byte_range}
        with self._translated():
            found = await obstore.get_async(self._store, key, options=options)
        return self._chunks(found)

    async def size(self, key: str) -> int:
        """Bytes stored under the key, else `BlobMissing`."""
        with self._translated():
            meta = await obstore.head_async(self._store, key)
        return meta["size"]

    async def exists(self, key: str) -> bool:
        """Whether there is something under the key."""
        return await self._size_or_none(key) is not None

    async def holds(self, key: str, size_bytes: int) -> bool:
        """Whether there is something of this size under the key."""
        return await self._size_or_none(key) == size_bytes

    async def _size_or_none(self, key: str) -> int | None:
        try:
            return await self.size(key)
        except BlobMissing:
            return None

    async def move(self, source: str, target: str) -> None:
        """Give a blob another key, replacing what was there; `BlobMissing` without a source."""
        with self._translated():
            await obstore.rename_async(self._store, source, target)

    async def keys(self, prefix: str | None = None, *, before: datetime | None = None) -> list[str]:
        """Every key there is, or those under a folder and stored before a moment; not for hot paths."""
        return [blob.key async for blob in self.blobs(prefix) if before is None or blob.stored_at < before]

    async def blobs(self, prefix: str | None = None) -> AsyncIterator[Blob]:
        """Every blob there is, or those under a folder; not for hot paths."""
        await self.ping()
        with self._translated():
            async for page in obstore.list(self._store, prefix=prefix):
                for found in page:
                    yield Blob(found["path"], found["size"], found["last_modified"])

    async def remove_unfinished(self, untouched_for: timedelta) -> int:
        """Remove what killed processes left half-written; how many pieces.

        Only a local folder keeps such pieces, beside the blobs as ``name#number``; an object store ends
        unfinished uploads by a rule of its bucket. ``untouched_for`` spares those that are being written.
        """
        if self._folder is None:
            return 0
        with self._translated():
            return await asyncio.to_thread(
                self._folder.remove_pieces, time.time() - untouched_for.total_seconds()
            )

    async def delete(self, key: str) -> None:
        """Remove the blob; a missing one is fine."""
        try:
            with self._translated():
                await obstore.delete_async(self._store, key)
        except BlobMissing:
            return

    async def _read(self, path: Path, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes of a file; the client library reads local ones in pieces of 8 KiB, each in a thread."""
        with self._translated():
            file = await asyncio.to_thread(path.open, "rb", buffering=0)
            with file:
                file.seek(start)
                while start < end:
                    chunk = await asyncio.to_thread(file.read, min(READ_CHUNK_BYTES, end - start))
                    if not chunk:
                        raise StorageUnavailable  # it was cut while it was read
                    start += len(chunk)
                    yield chunk

    async def _chunks(self, found: "obstore.GetResult") -> AsyncGenerator[bytes, None]:
        with self._translated():
            async for chunk in found.stream(min_chunk_size=READ_CHUNK_BYTES):
                yield bytes(chunk)

    @contextmanager
    def _translated(self, missing: type[AppError] = BlobMissing) -> Iterator[None]:
        """``missing``: what it means that something is not there; whoever writes misses the bucket itself."""
        try:
            yield
        except FileNotFoundError as failure:
            if self._folder is not None and self._folder.is_lost():
                raise StorageUnavailable from failure
            raise missing from failure
        except (BaseError, OSError) as failure:
            if _is_full(failure):
                raise StorageFull from failure
            raise StorageUnavailable from failure


class _Source:
    """Hands the chunks over, counts them, and can be stopped from outside while it waits for one."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self.size = 0
        self._chunks = chunks
        self._stopped = False
        self._pending: asyncio.Task[bytes] | None = None

    def __aiter__(self) -> "_Source":
        return self

    async def __anext__(self) -> bytes:
        if self._stopped:
            raise asyncio.CancelledError
        self._pending = asyncio.ensure_future(self._next())
        chunk = await self._pending
        self.size += len(chunk)
        return chunk

    def stop(self) -> None:
        self._stopped = True
        if self._pending is not None:
            self._pending.cancel()

    async def _next(self) -> bytes:
        return await anext(self._chunks)


def _is_full(failure: Exception) -> bool:
    """Whether there is no room left; the store keeps the error number in its text only."""
    if isinstance(failure, OSError):
        return failure.errno in {errno.ENOSPC, errno.EDQUOT}
    text = str(failure)
    return f"(os error {errno.ENOSPC})" in text or f"(os error {errno.EDQUOT})" in text
