"""The questions asked about files."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.core.pagination import Slice
from app.core.quotas import Used
from app.core.repository import Ordering, Repository, contains
from app.files.errors import FileInUse
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


class FileRepository(Repository[File]):
    """Files with what was measured of them."""

    model: ClassVar[type[File]] = File

    async def list_owned(self, owner_id: UUID, query: FileQuery) -> Slice[File]:
        """The files of one owner."""
        return await self._listed(self._whole().where(File.owner_id == owner_id), query)

    async def list_demo(self, query: FileQuery) -> Slice[File]:
        """The demo parts."""
        return await self._listed(self._whole().where(File.is_demo.is_(True)), query)

    async def get(self, file_id: UUID) -> File | None:
        """A file, whoever it belongs to."""
        return await self._one(self._whole().where(File.id == file_id))

    async def get_visible(self, file_id: UUID, viewer_id: UUID | None) -> File | None:
        """A file its viewer may use: an own one or a demo part."""
        rights = [File.is_demo.is_(True)] + ([File.owner_id == viewer_id] if viewer_id is not None else [])
        return await self._one(self._whole().where(File.id == file_id, or_(*rights)))

    async def get_owned(self, file_id: UUID, owner_id: UUID) -> File | None:
        """A file of this owner."""
        return await self._one(select(File).where(File.id == file_id, File.owner_id == owner_id))

    async def get_demo(self, file_id: UUID) -> File | None:
        """A demo part."""
        return await self._one(select(File).where(File.id == file_id, File.is_demo.is_(True)))

    async def remove_unused(self, file: File) -> None:
        """Delete a row nothing stands on.

        Raises:
            FileInUse: something does.
        """
        try:
            await self.remove(file)
        except IntegrityError as error:
            raise FileInUse from error

    async def usage(self, owner_id: UUID) -> Used:
        """What an owner has."""
        counted = select(func.count(), func.coalesce(func.sum(File.size_bytes), 0))
        files, size_bytes = (await self.session.execute(counted.where(File.owner_id == owner_id))).one()
        return Used(files, int(size_bytes))

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

    async def forget(self, sha256: str) -> None:
        """Delete every file with this content, whoever has it.

        Raises:
            FileInUse: something stands on one of them.
        """
        try:
            await self.session.execute(delete(File).where(File.sha256 == sha256))
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
        return select(File).options(joinedload(File.analysed), joinedload(File.content, innerjoin=True))
