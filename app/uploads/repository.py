"""The questions asked about uploads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CursorResult, Update, delete, func, select, update

from app.core.clock import now
from app.core.quotas import Used
from app.core.repository import Repository
from app.uploads.models import Upload, UploadPiece


class UploadRepository(Repository[Upload]):
    """Uploads of their owners."""

    model: ClassVar[type[Upload]] = Upload

    async def get_owned(self, upload_id: UUID, owner_id: UUID) -> Upload | None:
        """An upload of this owner."""
        return await self._one(select(Upload).where(Upload.id == upload_id, Upload.owner_id == owner_id))

    async def get(self, upload_id: UUID) -> Upload | None:
        """An upload, whoever it belongs to."""
        return await self._one(select(Upload).where(Upload.id == upload_id))

    async def usage(self, owner_id: UUID) -> Used:
        """What an owner has announced and not finished."""
        counted = select(func.count(), func.coalesce(func.sum(Upload.length_bytes), 0))
        unfinished = counted.where(Upload.owner_id == owner_id, Upload.finished_at.is_(None))
        files, size_bytes = (await self.session.execute(unfinished)).one()
        return Used(files, int(size_bytes))

    async def append(
        self, upload_id: UUID, start_bytes: int, pieces: Sequence[UploadPiece], expires_at: datetime
    ) -> bool:
        """Let the upload go on by these pieces, if it still stands at ``start_bytes``; whether it did."""
        end_bytes = start_bytes + sum(piece.size_bytes for piece in pieces)
        moved = await self._changed(
            update(Upload)
            .where(Upload.id == upload_id, Upload.offset_bytes == start_bytes, Upload.finished_at.is_(None))
            .values(offset_bytes=end_bytes, expires_at=expires_at, updated_at=now())
        )
        if moved:
            self.session.add_all(pieces)
            await self.session.flush()
        return moved

    async def finish(self, upload_id: UUID) -> bool:
        """Take the right to make a file of it; whether nobody had it before."""
        return await self._changed(
            update(Upload)
            .where(Upload.id == upload_id, Upload.finished_at.is_(None))
            .values(finished_at=now(), updated_at=now())
        )

    async def became(self, upload_id: UUID, file_id: UUID) -> None:
        """Note the file; the pieces are not needed any more."""
        await self._changed(update(Upload).where(Upload.id == upload_id).values(file_id=file_id))
        await self.session.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload_id))

    async def keys(self, upload_id: UUID) -> list[str]:
        """Where the pieces of an upload are, in their order."""
        statement = select(UploadPiece.storage_key).where(UploadPiece.upload_id == upload_id)
        return list((await self.session.scalars(statement.order_by(UploadPiece.start_bytes))).all())

    async def drop(self, upload_ids: Iterable[UUID]) -> list[str]:
        """Delete uploads with their pieces; where the bytes of those are."""
        ids = list(upload_ids)
        pieces = delete(UploadPiece).where(UploadPiece.upload_id.in_(ids)).returning(UploadPiece.storage_key)
        keys = list((await self.session.scalars(pieces)).all())
        await self.session.execute(delete(Upload).where(Upload.id.in_(ids)))
        return keys

    async def of_owner(self, owner_id: UUID) -> list[UUID]:
        """Every upload of an owner."""
        return list((await self.session.scalars(select(Upload.id).where(Upload.owner_id == owner_id))).all())

    async def expired(self, moment: datetime, most: int) -> list[UUID]:
        """Some uploads whose time is over."""
        statement = select(Upload.id).where(Upload.expires_at <= moment).order_by(Upload.expires_at)
        return list((await self.session.scalars(statement.limit(most))).all())

    async def left_full(self, before: datetime, most: int) -> list[UUID]:
        """Some uploads that were full before a moment and did not become files."""
        full = Upload.offset_bytes == Upload.length_bytes
        statement = select(Upload.id).where(full, Upload.finished_at.is_(None), Upload.updated_at < before)
        return list((await self.session.scalars(statement.order_by(Upload.updated_at).limit(most))).all())

    async def stored(self) -> list[tuple[str, int]]:
        """Where every piece is, and how many bytes it has."""
        columns = select(UploadPiece.storage_key, UploadPiece.size_bytes)
        return [(key, size) for key, size in await self.session.execute(columns)]

    async def without_row(self, keys: Sequence[str]) -> set[str]:
        """Which of these keys belong to no piece."""
        known = select(UploadPiece.storage_key).where(UploadPiece.storage_key.in_(keys))
        return set(keys) - set((await self.session.scalars(known)).all())

    async def _changed(self, statement: Update) -> bool:
        result = await self.session.execute(statement.execution_options(synchronize_session=False))
        assert isinstance(result, CursorResult)
        return bool(result.rowcount)
