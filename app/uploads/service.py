"""Uploads that go on where they broke off, in whichever process."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from app.contents.errors import FileTooLarge
from app.core.clock import now
from app.core.config import StorageSection
from app.core.errors import Rejected, UnsupportedFile
from app.core.models import new_id
from app.core.storage import BlobMissing, Storage
from app.core.strays import without_row
from app.files.errors import EmptyFile
from app.files.service import FileService
from app.uploads.body import Body
from app.uploads.errors import TooManyUploads, TooMuchSent, UploadExpired, UploadMissing, WrongOffset
from app.uploads.metadata import name_in
from app.uploads.models import Upload, UploadPiece
from app.uploads.repository import UploadRepository

FOLDER = "uploads"
PIECE_BYTES = 16 * 1024 * 1024
"""After so many bytes an upload never has to go back behind them, whatever happens to this process."""
MOST_OPEN = 100
"""Unfinished uploads of one owner."""
AT_ONCE = 100
LEFT_ALONE = timedelta(minutes=2)
"""So long a full upload is left to the request that filled it."""
LONGEST_WRITE = timedelta(hours=1)


class Desk(NamedTuple):
    """What is worked with in one unit of work."""

    uploads: UploadRepository
    files: FileService


OpenDesk = Callable[[], AbstractAsyncContextManager[Desk]]


class FinishedMeanwhile(Exception):
    """A twin has made a file of the upload."""


class UploadService:
    """Uploads bit by bit.

    Each piece is stored under a key of its own and counts when the row moves on by it; the row moves only
    from where the piece began, so of two requests for the same bytes one is refused. Bytes are taken in
    while nothing is locked.
    """

    def __init__(
        self, working: OpenDesk, reading: OpenDesk, storage: Storage, limits: StorageSection
    ) -> None:
        self.working = working
        self.reading = reading
        self.storage = storage
        self.limits = limits

    async def begin(self, owner_id: UUID, length_bytes: int, metadata: str) -> Upload:
        """Announce an upload of so many bytes, which count against the quota from now on.

        Raises:
            FileTooLarge, EmptyFile: there will be no file of this size.
            QuotaExceeded, TooManyUploads: the owner has enough.
            UnreadableHeader: ``metadata`` is none.
        """
        most = self.limits.max_file_bytes
        if length_bytes > most:
            raise FileTooLarge(f"The file is larger than {most} bytes.")
        if length_bytes == 0:
            raise EmptyFile
        name = name_in(metadata)
        async with self.working() as (uploads, files):
            if (await uploads.usage(owner_id)).files >= MOST_OPEN:
                raise TooManyUploads
            await files.quotas.take(owner_id, length_bytes)
            return await uploads.add(
                Upload(
                    owner_id=owner_id,
                    name=name,
                    described_as=metadata,
                    length_bytes=length_bytes,
                    offset_bytes=0,
                    expires_at=self._expiry(),
                )
            )

    async def get(self, owner_id: UUID, upload_id: UUID) -> Upload:
        """An own upload.

        Raises:
            UploadMissing: there is none, or it is somebody else's.
            UploadExpired: it was left alone for too long.
        """
        async with self.reading() as (uploads, _):
            upload = await uploads.get_owned(upload_id, owner_id)
        if upload is None:
            raise UploadMissing
        if upload.expires_at <= now():
            raise UploadExpired
        return upload

    async def append(self, owner_id: UUID, upload_id: UUID, offset_bytes: int, body: Body) -> Upload:
        """Take in more bytes; what came before a connection broke is kept, unless there is a checksum.

        The one that brings the last byte makes the file.

        Raises:
            WrongOffset: the upload stands elsewhere, also because a twin was quicker.
            TooMuchSent, ChecksumMismatch: these bytes were dropped.
            UnsupportedFile, Rejected: the content is no part; the upload is ended.
            StorageFull, StorageUnavailable, QuotaExceeded: go on later.
            Whatever broke the connection.
        """
        upload = await self.get(owner_id, upload_id)
        if offset_bytes != upload.offset_bytes:
            raise WrongOffset(headers={"Upload-Offset": str(upload.offset_bytes)})
        await self._take_in(upload, body)
        if body.failure is not None:
            raise body.failure
        upload = await self.get(owner_id, upload_id)
        if upload.is_full and upload.finished_at is None:
            upload.file_id = await self._finish(upload)
        return upload

    async def remove(self, owner_id: UUID, upload_id: UUID) -> None:
        """End an upload; a file that was made of it stays.

        Raises:
            UploadMissing: there is none, or it is somebody else's.
        """
        async with self.working() as (uploads, _):
            if await uploads.get_owned(upload_id, owner_id) is None:
                raise UploadMissing
            await self.drop(uploads, [upload_id])

    async def expire(self) -> None:
        """End what was left alone for too long, and forget what became files long ago."""
        while True:
            async with self.working() as (uploads, _):
                expired = await uploads.expired(now(), AT_ONCE)
                await self.drop(uploads, expired)
            if len(expired) < AT_ONCE:
                return

    async def finish_left(self) -> None:
        """Make files of full uploads whose last request did not come to it."""
        async with self.reading() as (uploads, _):
            left = await uploads.left_full(now() - LEFT_ALONE, AT_ONCE)
        for upload_id in left:
            async with self.reading() as (uploads, _):
                upload = await uploads.get(upload_id)
            if upload is not None and upload.finished_at is None:
                await self._finish(upload)

    async def remove_orphans(self) -> int:
        """Remove pieces no row knows, as a process died beside them; how many."""
        keys = await self.storage.keys(FOLDER, before=now() - LONGEST_WRITE)
        async with self.reading() as (uploads, _):
            orphans = await without_row(keys, uploads.without_row)
        await self._forget(orphans)
        return len(orphans)

    async def _take_in(self, upload: Upload, body: Body) -> None:
        """Store the body piece by piece; with a checksum none of it counts before all of it is right."""
        start = upload.offset_bytes
        waiting: list[UploadPiece] = []
        try:
            async for piece in self._pieces(upload, body):
                waiting.append(piece)
                if body.checksum is None:
                    await self._move_on(upload.id, start, waiting)
                    start, waiting = start + piece.size_bytes, []
            if await body.has_more():
                raise TooMuchSent
            body.verify()
            if waiting:
                await self._move_on(upload.id, start, waiting)
                waiting = []
        finally:
            await self._forget(piece.storage_key for piece in waiting)

    async def _pieces(self, upload: Upload, body: Body) -> AsyncIterator[UploadPiece]:
        start = upload.offset_bytes
        while start < upload.length_bytes and await body.has_more():
            key, most = f"{FOLDER}/{new_id()}", min(PIECE_BYTES, upload.length_bytes - start)
            size = await self.storage.put_stream(key, body.piece(most))
            yield UploadPiece(upload_id=upload.id, start_bytes=start, size_bytes=size, storage_key=key)
            start += size

    async def _move_on(self, upload_id: UUID, start: int, pieces: list[UploadPiece]) -> None:
        async with self.working() as (uploads, _):
            if not await uploads.append(upload_id, start, pieces, self._expiry()):
                raise WrongOffset

    async def _finish(self, upload: Upload) -> UUID | None:
        """Put the pieces together and make a file of them, once; the file."""
        async with self.reading() as (uploads, _):
            keys = await uploads.keys(upload.id)
        try:
            return await self._made(upload, keys)
        except (FinishedMeanwhile, BlobMissing):
            async with self.reading() as (uploads, _):
                present = await uploads.get(upload.id)
            if present is not None and present.finished_at is not None:
                return present.file_id
            await self._end(upload)
            raise UploadExpired from None
        except (UnsupportedFile, Rejected):
            await self._end(upload)
            raise

    async def _made(self, upload: Upload, keys: list[str]) -> UUID:
        async with self.working() as (uploads, files):
            incoming = await files.receive(self._bytes(keys), upload.length_bytes)
            if not await uploads.finish(upload.id):
                raise FinishedMeanwhile
            file = await files.keep(upload.owner_id, upload.name, incoming)
            await uploads.became(upload.id, file.id)
            uploads.after_commit(partial(self._forget, keys))
        return file.id

    async def _bytes(self, keys: Iterable[str]) -> AsyncIterator[bytes]:
        for key in keys:
            async with aclosing(await self.storage.open(key)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _end(self, upload: Upload) -> None:
        async with self.working() as (uploads, _):
            await self.drop(uploads, [upload.id])

    async def drop(self, uploads: UploadRepository, upload_ids: Iterable[UUID]) -> None:
        """Delete uploads in a unit of work, whoever they belong to; their bytes go once that is certain."""
        keys = await uploads.drop(upload_ids)
        uploads.after_commit(partial(self._forget, keys))

    async def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            await self.storage.delete(key)

    def _expiry(self) -> datetime:
        return now() + timedelta(hours=self.limits.upload_hours)
