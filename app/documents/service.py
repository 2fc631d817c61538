"""Taking documents in, giving them out, and having them scanned."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from functools import partial
from typing import NamedTuple
from uuid import UUID

from app.contents.errors import FileTooLarge
from app.contents.receiving import Received
from app.contents.service import ContentService
from app.core.config import StorageSection
from app.core.delivery import Deliverable
from app.core.download_links import DownloadLinks
from app.core.errors import Unauthorized, not_usable
from app.core.names import clean_name
from app.core.outbox import Outbox
from app.core.pagination import Slice
from app.core.quotas import Quotas
from app.documents.client import ScannerClient
from app.documents.errors import (
    ContentMismatch,
    DocumentMissing,
    DocumentPending,
    DocumentRefused,
    EmptyDocument,
    FormatNotTaken,
)
from app.documents.events import DocumentStored
from app.documents.formats import Ends, Format, format_of
from app.documents.models import Document, DocumentStatus
from app.documents.repository import DocumentRepository
from app.documents.schemas import DocumentQuery, DocumentRead, described


class IncomingDocument(NamedTuple):
    """A document on its way in; what a form says besides is known when all of it has come."""

    name: str
    chunks: AsyncIterator[bytes]
    category: Callable[[], str | None]
    limit_bytes: int | None = None


class DocumentService:
    """Documents of their owners; ``scanner`` where one is set up."""

    def __init__(
        self,
        documents: DocumentRepository,
        contents: ContentService,
        quotas: Quotas,
        limits: StorageSection,
        links: DownloadLinks,
        outbox: Outbox,
        scanner: ScannerClient | None,
    ) -> None:
        self.documents = documents
        self.contents = contents
        self.quotas = quotas
        self.limits = limits
        self.links = links
        self.outbox = outbox
        self.scanner = scanner

    async def store(self, owner_id: UUID, incoming: IncomingDocument) -> DocumentRead:
        """Take a document in; when anything fails, nothing of it stays.

        Raises:
            FormatNotTaken, ContentMismatch, EmptyDocument: it is none of those that are taken.
            FileTooLarge, QuotaExceeded: there is too much of it.
            StorageFull, StorageUnavailable: there is no room, or no storage.
        """
        name = clean_name(incoming.name)
        claimed = format_of(name)
        if claimed is None:
            raise FormatNotTaken
        limit = incoming.limit_bytes or self.limits.max_file_bytes
        allowed = await self.quotas.allowed(owner_id, limit, FileTooLarge(f"It has more than {limit} bytes."))
        await self.documents.release()
        received = await self.contents.receive(incoming.chunks, allowed.limit_bytes, refusal=allowed.refusal)
        _ensure_fits(claimed, received)
        category = incoming.category()
        await self.quotas.take(owner_id, received.size_bytes)
        document = await self.documents.add(
            Document(
                owner_id=owner_id,
                name=name,
                category=category,
                format=claimed.extension,
                size_bytes=received.size_bytes,
                content=await self.contents.keep(received),
                status=DocumentStatus.stored if self.scanner is None else DocumentStatus.pending,
            )
        )
        if self.scanner is not None:
            await self.outbox.publish(DocumentStored(document.id))
        return described(document, self.links)

    async def search(self, owner_id: UUID, query: DocumentQuery) -> Slice[DocumentRead]:
        """The documents of an owner."""
        return self._described(await self.documents.list_owned(owner_id, query))

    async def among(self, document_ids: Collection[UUID], query: DocumentQuery) -> Slice[DocumentRead]:
        """Documents that were found by their ids; whoever asks has made sure that he may see them."""
        return self._described(await self.documents.list_among(document_ids, query))

    async def get(self, owner_id: UUID, document_id: UUID) -> DocumentRead:
        """One own document."""
        return described(await self._owned(owner_id, document_id), self.links)

    async def download(
        self, viewer_id: UUID | None, document_id: UUID, *, has_link: bool = False
    ) -> Deliverable:
        """The bytes of an own document, or of one its viewer was given a signed link to.

        Raises:
            DocumentPending: it is not scanned yet.
            DocumentRefused: the scanner has found something.
        """
        document = await self._seen(viewer_id, document_id, has_link=has_link)
        await self.documents.release()
        if document.status is DocumentStatus.pending:
            raise DocumentPending
        if document.status is DocumentStatus.refused:
            raise DocumentRefused
        opened = partial(self.contents.open, document.content)
        return Deliverable(document.name, document.size_bytes, document.sha256, opened)

    async def remove(self, owner_id: UUID, document_id: UUID) -> None:
        """Delete an own document; its bytes go later, if nobody else has them.

        Raises:
            DocumentMissing: not an own document.
            DocumentInUse: an order stands on it.
        """
        document = await self._owned(owner_id, document_id)
        await self.documents.remove_unused(document)
        await self.contents.release([document.sha256])

    async def erase(self, owner_id: UUID) -> None:
        """Delete all documents of an owner."""
        await self.contents.release(await self.documents.erase_owned(owner_id))

    async def attachable(self, owner_id: UUID, document_ids: Sequence[UUID]) -> list[UUID]:
        """The same documents, each once, if an order of this owner may be placed with them; holds nothing.

        Raises:
            Rejected: one is not his, or was refused by the scanner.
        """
        asked = list(dict.fromkeys(document_ids))
        if not asked:
            return []
        own = {document.id: document for document in await self.documents.all_owned(owner_id, asked)}
        await self.documents.release()
        for document_id in asked:
            if document_id not in own:
                raise not_usable("document_ids", f"there is no document {document_id} of yours", "unknown")
            if own[document_id].status is DocumentStatus.refused:
                raise not_usable("document_ids", f"the document {document_id} was refused", "refused")
        return asked

    async def scan(self, document_id: UUID) -> None:
        """Have a pending document scanned; nothing is locked meanwhile.

        Raises:
            ScannerUnavailable, ScannerFailed, BlobMissing: nothing is known; it stays pending.
        """
        document = await self.documents.get(document_id)
        if document is None or document.status is not DocumentStatus.pending:
            return
        await self.documents.release()
        found = None
        if self.scanner is not None:
            async with aclosing(await self.contents.open(document.content)) as chunks:
                found = (await self.scanner.scan(chunks)).found
        await self.documents.judge(document_id, found, is_scanned=self.scanner is not None)

    async def _owned(self, owner_id: UUID, document_id: UUID) -> Document:
        document = await self.documents.get_owned(document_id, owner_id)
        if document is None:
            raise DocumentMissing
        return document

    async def _seen(self, viewer_id: UUID | None, document_id: UUID, *, has_link: bool) -> Document:
        if not has_link:
            if viewer_id is None:
                raise Unauthorized
            return await self._owned(viewer_id, document_id)
        document = await self.documents.get_linked(document_id)
        if document is None:
            raise DocumentMissing
        return document

    def _described(self, found: Slice[Document]) -> Slice[DocumentRead]:
        return found.map(lambda document: described(document, self.links))


def _ensure_fits(claimed: Format, received: Received) -> None:
    if received.size_bytes == 0:
        raise EmptyDocument
    if not claimed.fits(Ends(received.head, received.tail, received.size_bytes)):
        raise ContentMismatch(f"The content is not {claimed.extension.upper()}, as the name says.")
