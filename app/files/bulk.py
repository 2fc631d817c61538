"""Many files of one owner at once."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from uuid import UUID

from app.contents.service import ContentService
from app.core.errors import AppError
from app.core.storage import BlobMissing
from app.files.archive import Member, unique_names, zipped
from app.files.bulk_schemas import Deleted, DeletedFiles, Refusal
from app.files.errors import FileInUse, FileMissing
from app.files.models import File
from app.files.repository import FileRepository


class BulkFiles:
    """Deleting and packing."""

    def __init__(self, files: FileRepository, contents: ContentService) -> None:
        self.files = files
        self.contents = contents

    async def remove(self, owner_id: UUID, file_ids: Iterable[UUID]) -> DeletedFiles:
        """Delete own files, in one transaction; each that cannot be deleted says why and hinders no other."""
        asked = list(dict.fromkeys(file_ids))
        own = {file.id: file for file in await self.files.all_owned(owner_id, asked)}
        items = [await self._removed(file_id, own.get(file_id)) for file_id in asked]
        await self.contents.release(own[item.id].sha256 for item in items if item.deleted)
        return DeletedFiles(items=items)

    async def archive(self, owner_id: UUID, file_ids: Iterable[UUID]) -> AsyncIterator[bytes]:
        """A ZIP archive of own files in the order asked; nothing is read before it is sent.

        Raises:
            FileMissing: one of them is not an own file.
            BlobMissing: the bytes of one are lost.
        """
        asked = list(dict.fromkeys(file_ids))
        own = {file.id: file for file in await self.files.all_owned(owner_id, asked)}
        await self.files.release()
        if len(own) < len(asked):
            raise FileMissing
        files = [own[file_id] for file_id in asked]
        for file in files:
            if not await self.contents.is_there(file.content):
                raise BlobMissing
        names = unique_names(file.name for file in files)
        return zipped(
            Member(name, file.size_bytes, file.created_at, partial(self.contents.open, file.content))
            for name, file in zip(names, files, strict=True)
        )

    async def _removed(self, file_id: UUID, file: File | None) -> Deleted:
        if file is None:
            return Deleted(id=file_id, deleted=False, problem=_refusal(FileMissing()))
        try:
            await self.files.remove_unused(file)
        except FileInUse as error:
            return Deleted(id=file_id, deleted=False, problem=_refusal(error))
        return Deleted(id=file_id, deleted=True, problem=None)


def _refusal(error: AppError) -> Refusal:
    return Refusal(code=error.wire_code, message=error.detail)
