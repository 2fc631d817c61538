"""Taking files in, giving them out, and what is known about them."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from app.analyses.service import AnalysisService, Content
from app.contract.formats import sniff, zip_directory
from app.contract.geometry import PartFacts
from app.core.config import StorageSection
from app.core.errors import Unauthorized
from app.core.models import new_id
from app.core.outbox import Outbox
from app.core.pagination import Slice
from app.core.signed_links import SignedLinks
from app.core.storage import Storage
from app.files.errors import BrokenArchive, EmptyFile, FileMissing, UnknownFormat
from app.files.events import FileStored
from app.files.incoming import Counted
from app.files.models import File
from app.files.names import clean_name
from app.files.repository import FileRepository
from app.files.schemas import FileQuery, FileRead, described


@dataclass(frozen=True)
class Download:
    """A file's bytes on their way out."""

    name: str
    size_bytes: int
    sha256: str
    chunks: AsyncIterator[bytes]


class FileService:
    """Files of owners, and the demo parts."""

    def __init__(
        self,
        files: FileRepository,
        analyses: AnalysisService,
        storage: Storage,
        limits: StorageSection,
        links: SignedLinks,
        outbox: Outbox,
    ) -> None:
        self.files = files
        self.analyses = analyses
        self.storage = storage
        self.limits = limits
        self.links = links
        self.outbox = outbox

    async def store(
        self, owner_id: UUID, name: str, chunks: AsyncIterator[bytes], *, limit_bytes: int | None = None
    ) -> FileRead:
        """Take a file in; when anything fails, nothing of it stays.

        Raises:
            EmptyFile: no bytes came.
            UnknownFormat: the content is of no format we take.
            BrokenArchive: a 3MF file without the directory at its end.
            FileTooLarge: more bytes than the limit.
            StorageFull, StorageUnavailable: there is no room, or no storage.
        """
        incoming = Counted(chunks, limit_bytes or self.limits.max_file_bytes)
        file_id = new_id()
        key = f"files/{file_id}"
        self.files.after_rollback(partial(self.storage.delete, key))
        await self.storage.put_stream(key, aiter(incoming))
        if incoming.size_bytes == 0:
            raise EmptyFile
        part_format = sniff(incoming.head, incoming.tail, incoming.size_bytes)
        if part_format is None:
            raise UnknownFormat
        if part_format == "3mf" and zip_directory(incoming.tail) is None:
            raise BrokenArchive
        known = await self.analyses.known(incoming.sha256)  # before the transaction takes a connection
        file = await self.files.add(
            File(
                id=file_id,
                owner_id=owner_id,
                name=clean_name(name),
                size_bytes=incoming.size_bytes,
                sha256=incoming.sha256,
                format=part_format,
                storage_key=key,
            )
        )
        await self.outbox.publish(FileStored(file.id))
        return described(file, known, self.links)

    async def search(self, owner_id: UUID, query: FileQuery) -> Slice[FileRead]:
        """The files of an owner."""
        return self._described(await self.files.list_owned(owner_id, query))

    async def demo(self, query: FileQuery) -> Slice[FileRead]:
        """The demo parts."""
        return self._described(await self.files.list_demo(query))

    async def get(self, viewer_id: UUID | None, file_id: UUID) -> FileRead:
        """One file its viewer may see."""
        file = await self._visible(viewer_id, file_id)
        return described(file, file.analysed, self.links)

    async def facts(self, viewer_id: UUID | None, file_id: UUID) -> PartFacts:
        """What is measured of a file, measuring it now if nobody did before."""
        file = await self._visible(viewer_id, file_id)
        await self.files.release()
        content = Content(file.sha256, file.name, partial(self._bytes, file.storage_key))
        return await self.analyses.facts_of(content, known=file.analysed)

    async def download(self, viewer_id: UUID | None, file_id: UUID, *, has_link: bool = False) -> Download:
        """The bytes of a file its viewer may see, or has been given a signed link to."""
        file = await self._linked(file_id) if has_link else await self._visible(viewer_id, file_id)
        await self.files.release()
        chunks = await self.storage.open(file.storage_key)
        return Download(file.name, file.size_bytes, file.sha256, chunks)

    async def remove(self, owner_id: UUID, file_id: UUID) -> None:
        """Delete an own file; its bytes go once that is certain.

        Raises:
            FileMissing: not an own file.
            FileInUse: an order stands on it.
        """
        file = await self.files.get_owned(file_id, owner_id)
        if file is None:
            raise FileMissing
        await self.files.remove_unused(file)
        self.files.after_commit(partial(self.storage.delete, file.storage_key))

    async def erase(self, owner_id: UUID) -> None:
        """Delete all files of an owner; their bytes go once that is certain.

        Raises:
            FileInUse: something stands on one of them.
        """
        for key in await self.files.erase_owned(owner_id):
            self.files.after_commit(partial(self.storage.delete, key))

    async def _linked(self, file_id: UUID) -> File:
        file = await self.files.get(file_id)
        if file is None:
            raise FileMissing
        return file

    async def _visible(self, viewer_id: UUID | None, file_id: UUID) -> File:
        file = await self.files.get_visible(file_id, viewer_id)
        if file is not None:
            return file
        if viewer_id is None:
            raise Unauthorized("Sign in to use files other than the demo parts.")
        raise FileMissing

    async def _bytes(self, key: str) -> AsyncIterable[bytes]:
        async for chunk in await self.storage.open(key):
            yield chunk

    def _described(self, found: Slice[File]) -> Slice[FileRead]:
        items = [described(file, file.analysed, self.links) for file in found.items]
        return Slice(items, found.total, found.total_is_capped, found.page, found.limit)
