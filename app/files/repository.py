"""The questions asked about files."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from app.auth.models import User, UserStatus
from app.contents.holding import HoldingRepository
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains
from app.files.errors import FileInUse
from app.files.imports_models import OPEN, FileImport, ImportedSource, SourceStatus
from app.files.models import File
from app.files.schemas import FileQuery, FileSort

ORDER_BY: dict[FileSort, Ordering] = {
    FileSort.newest: Ordering(File.created_at, descending=True),
    FileSort.oldest: Ordering(File.created_at),
    FileSort.name: Ordering(File.name),
    FileSort.name_descending: Ordering(File.name, descending=True),
    FileSort.largest: Ordering(File.size_bytes, descending=True),
    FileSort.smallest: Ordering(File.size_bytes),
}


class FileRepository(HoldingRepository[File]):
    """Files with what was measured of them."""

    model: ClassVar[type[File]] = File
    in_use = FileInUse

    async def list_owned(self, owner_id: UUID, query: FileQuery) -> Slice[File]:
        """The files of one owner."""
        return await self._listed(self._whole().where(File.owner_id == owner_id), query)

    async def list_demo(self, query: FileQuery) -> Slice[File]:
        """The demo parts."""
        return await self._listed(self._whole().where(File.is_demo.is_(True)), query)

    async def get(self, file_id: UUID) -> File | None:
        """A file, whoever it belongs to."""
        return await self._one(self._whole().where(File.id == file_id))

    async def get_linked(self, file_id: UUID) -> File | None:
        """A file somebody holds a link to: a demo part, or one whose owner is neither blocked nor deleted."""
        owner_is_active = select(User.id).where(User.id == File.owner_id, User.status == UserStatus.active)
        allowed = or_(File.is_demo.is_(True), owner_is_active.exists())
        return await self._one(self._whole().where(File.id == file_id, allowed))

    async def get_visible(self, file_id: UUID, viewer_id: UUID | None) -> File | None:
        """A file its viewer may use: an own one or a demo part."""
        rights = [File.is_demo.is_(True)] + ([File.owner_id == viewer_id] if viewer_id is not None else [])
        return await self._one(self._whole().where(File.id == file_id, or_(*rights)))

    async def get_owned(self, file_id: UUID, owner_id: UUID) -> File | None:
        """A file of this owner."""
        return await self._one(select(File).where(File.id == file_id, File.owner_id == owner_id))

    async def all_owned(self, owner_id: UUID, file_ids: Collection[UUID]) -> Sequence[File]:
        """Those of these files that are this owner's."""
        statement = self._whole().where(File.id.in_(file_ids), File.owner_id == owner_id)
        return (await self.session.scalars(statement)).all()

    async def get_demo(self, file_id: UUID) -> File | None:
        """A demo part."""
        return await self._one(select(File).where(File.id == file_id, File.is_demo.is_(True)))

    async def get_by_content(self, sha256: str) -> File | None:
        """Some file with this content, whoever it belongs to."""
        return await self._one(self._whole().where(File.sha256 == sha256).order_by(File.id).limit(1))

    async def erase_owned(self, owner_id: UUID) -> list[str]:
        """Delete the rows of all files of an owner; the SHA-256 of their contents.

        Raises:
            FileInUse: something stands on one of them.
        """
        statement = delete(File).where(File.owner_id == owner_id).returning(File.sha256)
        try:
            return list((await self.session.scalars(statement)).all())
        except IntegrityError as error:
            raise FileInUse from error

    async def _listed(self, statement: Select[File], query: FileQuery) -> Slice[File]:
        if query.search:
            statement = statement.where(contains(File.name, query.search))
        if query.format:
            statement = statement.where(File.format == query.format)
        return await self._slice(statement, query, ORDER_BY[query.sort])

    @staticmethod
    def _whole() -> Select[File]:
        return select(File).options(
            joinedload(File.analysed),
            joinedload(File.measuring),
            joinedload(File.content, innerjoin=True),
        )


class ImportRepository(Repository[FileImport]):
    """Imports with their addresses."""

    model: ClassVar[type[FileImport]] = FileImport

    async def get(self, import_id: UUID) -> FileImport | None:
        """An import, whoever it belongs to."""
        return await self._one(self._whole(import_id))

    async def get_owned(self, import_id: UUID, owner_id: UUID) -> FileImport | None:
        """An import of this owner."""
        return await self._one(self._whole(import_id).where(FileImport.owner_id == owner_id))

    async def count_running(self, owner_id: UUID) -> int:
        """How many imports of an owner are not finished."""
        running = select(func.count()).where(
            FileImport.owner_id == owner_id, FileImport.finished_at.is_(None)
        )
        return (await self.session.execute(running)).scalar_one()

    async def settle(self, source_id: UUID, status: SourceStatus, **outcome: UUID | str | None) -> bool:
        """Write what became of an address; whether it was still open."""
        statement = (
            update(ImportedSource)
            .where(ImportedSource.id == source_id, ImportedSource.status.in_(OPEN))
            .values(status=status, **outcome)
            .returning(ImportedSource.id)
        )
        return (await self.session.execute(statement)).one_or_none() is not None

    async def finish(self, import_id: UUID, moment: datetime) -> None:
        """No address of it is open any more."""
        await self.session.execute(
            update(FileImport).where(FileImport.id == import_id).values(finished_at=moment)
        )

    async def erase_owned(self, owner_id: UUID) -> None:
        """Delete all imports of an owner."""
        await self.session.execute(delete(FileImport).where(FileImport.owner_id == owner_id))

    async def forget(self, before: datetime) -> None:
        """Delete what was asked for before a moment."""
        await self.session.execute(delete(FileImport).where(FileImport.created_at < before))

    @staticmethod
    def _whole(import_id: UUID) -> Select[FileImport]:
        return select(FileImport).options(selectinload(FileImport.sources)).where(FileImport.id == import_id)
