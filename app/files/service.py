"""Taking files in, giving them out, and what is known about them."""

from collections.abc import AsyncIterator
from functools import partial
from typing import NamedTuple
from uuid import UUID

from app.analyses.models import Analysis
from app.analyses.service import AnalysisService
from app.contents.errors import FileTooLarge
from app.contents.receiving import Received
from app.contents.service import ContentService
from app.contract.formats import sniff, zip_directory
from app.contract.geometry import PartFacts, PartFormat
from app.core.config import StorageSection
from app.core.delivery import Deliverable
from app.core.download_links import DownloadLinks
from app.core.errors import AppError, Unauthorized
from app.core.names import clean_name
from app.core.outbox import Outbox
from app.core.pagination import Slice
from app.core.quotas import Quotas
from app.files.errors import BrokenArchive, EmptyFile, FileMissing, UnknownFormat
from app.files.events import FileStored
from app.files.models import File
from app.files.parts import charged_to, part_of
from app.files.repository import FileRepository
from app.files.schemas import FileQuery, FileRead, Pending, described, pending


class Incoming(NamedTuple):
    """A part whose bytes are stored, and that has no row yet."""

    received: Received
    format: PartFormat
    known: Analysis | None
    """What was known of the content when it came."""


class FileService:
    """Files of owners, and the demo parts."""

    def __init__(
        self,
        files: FileRepository,
        analyses: AnalysisService,
        contents: ContentService,
        quotas: Quotas,
        limits: StorageSection,
        links: DownloadLinks,
        outbox: Outbox,
    ) -> None:
        self.files = files
        self.analyses = analyses
        self.contents = contents
        self.quotas = quotas
        self.limits = limits
        self.links = links
        self.outbox = outbox

    async def store(
        self, owner_id: UUID, name: str, chunks: AsyncIterator[bytes], *, limit_bytes: int | None = None
    ) -> FileRead:
        """Take a file in; when anything fails, nothing of it stays.

        Raises:
            QuotaExceeded: the owner has enough.
            What :meth:`receive` raises.
        """
        limit = limit_bytes or self.limits.max_file_bytes
        allowed = await self.quotas.allowed(owner_id, limit, _too_large(limit))
        await self.files.release()
        incoming = await self.receive(chunks, allowed.limit_bytes, refusal=allowed.refusal)
        return await self.keep(owner_id, name, incoming)

    async def receive(
        self, chunks: AsyncIterator[bytes], limit_bytes: int, *, refusal: AppError | None = None
    ) -> Incoming:
        """Store the bytes of a part, outside the transaction.

        Raises:
            EmptyFile: no bytes came.
            UnknownFormat: the content is of no format we take.
            BrokenArchive: a 3MF file without the directory at its end.
            FileTooLarge: more bytes than the limit; or ``refusal`` instead.
            StorageFull, StorageUnavailable: there is no room, or no storage.
        """
        received = await self.contents.receive(
            chunks, limit_bytes, refusal=refusal or _too_large(limit_bytes)
        )
        if received.size_bytes == 0:
            raise EmptyFile
        part_format = sniff(received.head, received.tail, received.size_bytes)
        if part_format is None:
            raise UnknownFormat
        if part_format == "3mf" and zip_directory(received.tail) is None:
            raise BrokenArchive
        return Incoming(received, part_format, await self.analyses.known(received.sha256))

    async def keep(self, owner_id: UUID, name: str, incoming: Incoming) -> FileRead:
        """Make what was received a file of this owner; takes no other connection than the transaction's.

        Raises:
            QuotaExceeded: the owner has enough.
        """
        received, part_format, known = incoming
        await self.quotas.take(owner_id, received.size_bytes)
        content = await self.contents.keep(received)
        file = await self.files.add(
            File(
                owner_id=owner_id,
                name=clean_name(name),
                size_bytes=received.size_bytes,
                content=content,
                format=part_format,
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
        return described(file, file.analysed, self.links, is_measuring=file.measuring is not None)

    async def facts(self, viewer_id: UUID | None, file_id: UUID) -> PartFacts:
        """What is measured of a file, measuring it now if nobody did before.

        Raises:
            QuotaExceeded: the viewer has had enough new parts measured today.
            What :meth:`AnalysisService.facts_of` raises.
        """
        file = await self.find(viewer_id, file_id)
        charge = charged_to(file, self.quotas)
        return await self.analyses.facts_of(part_of(file, self.contents), file.analysed, charge=charge)

    async def analysis(
        self, viewer_id: UUID | None, file_id: UUID, most_seconds: float
    ) -> PartFacts | Pending:
        """The same, as far as it is there within so many seconds; a calculator that is away only delays.

        Raises:
            CadUnreadable, CadInvalid, CadTooComplex: the part can have no facts.
            QuotaExceeded: its owner has had enough new parts measured today.
        """
        file = await self.find(viewer_id, file_id)
        facts = await self.analyses.facts_within(
            most_seconds, part_of(file, self.contents), file.analysed, charge=charged_to(file, self.quotas)
        )
        return facts or pending(await self.find(viewer_id, file_id))

    async def find(self, viewer_id: UUID | None, file_id: UUID, *, has_link: bool = False) -> File:
        """A file its viewer may see, or has been given a signed link to; holds no connection.

        Raises:
            FileMissing, Unauthorized: there is none for him.
        """
        file = await self._linked(file_id) if has_link else await self._visible(viewer_id, file_id)
        await self.files.release()
        return file

    async def download(self, viewer_id: UUID | None, file_id: UUID, *, has_link: bool = False) -> Deliverable:
        """The bytes of a file its viewer may see, or has been given a signed link to."""
        file = await self.find(viewer_id, file_id, has_link=has_link)
        return Deliverable(file.name, file.size_bytes, file.sha256, partial(self.contents.open, file.content))

    async def remove(self, owner_id: UUID, file_id: UUID) -> None:
        """Delete an own file; its bytes go later, if nobody else has them.

        Raises:
            FileMissing: not an own file.
            FileInUse: an order stands on it.
        """
        file = await self.files.get_owned(file_id, owner_id)
        if file is None:
            raise FileMissing
        await self.files.remove_unused(file)
        await self.contents.release([file.sha256])

    async def erase(self, owner_id: UUID) -> None:
        """Delete all files of an owner; their bytes go later, if nobody else has them.

        Raises:
            FileInUse: something stands on one of them.
        """
        await self.contents.release(await self.files.erase_owned(owner_id))

    async def _linked(self, file_id: UUID) -> File:
        file = await self.files.get_linked(file_id)
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

    def _described(self, found: Slice[File]) -> Slice[FileRead]:
        return found.map(
            lambda file: described(file, file.analysed, self.links, is_measuring=file.measuring is not None)
        )


def _too_large(limit_bytes: int) -> FileTooLarge:
    return FileTooLarge(f"The file is larger than {limit_bytes} bytes.")
