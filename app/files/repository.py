"""The questions asked about files."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.core.pagination import Slice
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


class StoredFile(NamedTuple):
    """What must lie in the storage."""

    key: str
    size_bytes: int
    sha256: str


class FileRepository(Repository[File]):
    """Files with what was measured of them."""

    model: ClassVar[type[File]] = File

    async def list_owned(self, owner_id: UUID, query: FileQuery) -> Slice[File]:
        """The files of one owner."""
        return await self._listed(self._with_analysis().where(File.owner_id == owner_id), query)

    async def list_demo(self, query: FileQuery) -> Slice[File]:
        """The demo parts."""
        return await self._listed(self._with_analysis().where(File.is_demo.is_(True)), query)

    async def get(self, file_id: UUID) -> File | None:
        """A file, whoever it belongs to."""
        return await self._one(select(File).where(File.id == file_id))

    async def get_visible(self, file_id: UUID, viewer_id: UUID | None) -> File | None:
        """A file its viewer may use: an own one or a demo part."""
        rights = [File.is_demo.is_(True)] + ([File.owner_id == viewer_id] if viewer_id is not None else [])
        return await self._one(self._with_analysis().where(File.id == file_id, or_(*rights)))

    async def get_owned(self, file_id: UUID, owner_id: UUID) -> File | None:
        """A file of this owner."""
        return await self._one(select(File).where(File.id == file_id, File.owner_id == owner_id))

    async def get_demo(self, file_id: UUID) -> File | None:
        """A demo part."""
        return await self._one(select(File).where(File.id == file_id, File.is_demo.is_(True)))

    async def without_row(self, keys: Sequence[str]) -> set[str]:
        """Which of these keys no row knows."""
        known = await self.session.scalars(select(File.storage_key).where(File.storage_key.in_(keys)))
        return set(keys) - set(known.all())

    async def remove_unused(self, file: File) -> None:
        """Delete a row nothing stands on.

        Raises:
            FileInUse: something does.
        """
        try:
            await self.remove(file)
        except IntegrityError as error:
            raise FileInUse from error

    async def stored(self) -> list[StoredFile]:
        """The content of every file there is, for backups."""
        columns = select(File.storage_key, File.size_bytes, File.sha256).order_by(File.storage_key)
        return [StoredFile(*row) for row in await self.session.execute(columns)]

    async def erase_owned(self, owner_id: UUID) -> list[str]:
        """Delete the rows of all files of an owner; the keys of their contents.

        Raises:
            FileInUse: something stands on one of them.
        """
        statement = delete(File).where(File.owner_id == owner_id).returning(File.storage_key)
        try:
            return list((await self.session.scalars(statement)).all())
        except IntegrityError as error:
            raise FileInUse from error

    async def forget(self, keys: Iterable[str]) -> None:
        """Delete the rows of contents that are no more."""
        for key in keys:
            await self.session.execute(delete(File).where(File.storage_key == key))

    async def _listed(self, statement: Select[File], query: FileQuery) -> Slice[File]:
        if query.search:
            statement = statement.where(contains(File.name, query.search))
        if query.format:
            statement = statement.where(File.format == query.format)
        return await self._slice(statement, query, ORDER_BY[query.sort])

    @staticmethod
    def _with_analysis() -> Select[File]:
        return select(File).options(joinedload(File.analysed))
