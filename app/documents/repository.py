"""The questions asked about documents."""

from collections.abc import Collection, Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import joinedload

from app.auth.models import User, UserStatus
from app.contents.holding import HoldingRepository
from app.core.clock import now
from app.core.pagination import Slice
from app.core.repository import Ordering, contains
from app.documents.errors import DocumentInUse
from app.documents.models import REFUSAL_CHARS, Document, DocumentStatus
from app.documents.schemas import DocumentQuery, DocumentSort

ORDER_BY: dict[DocumentSort, Ordering] = {
    DocumentSort.newest: Ordering(Document.created_at, descending=True),
    DocumentSort.oldest: Ordering(Document.created_at),
    DocumentSort.name: Ordering(Document.name),
    DocumentSort.name_descending: Ordering(Document.name, descending=True),
    DocumentSort.largest: Ordering(Document.size_bytes, descending=True),
    DocumentSort.smallest: Ordering(Document.size_bytes),
}


class DocumentRepository(HoldingRepository[Document]):
    """Documents of their owners."""

    model: ClassVar[type[Document]] = Document
    in_use = DocumentInUse

    async def list_owned(self, owner_id: UUID, query: DocumentQuery) -> Slice[Document]:
        """The documents of one owner."""
        return await self._listed(self._whole().where(Document.owner_id == owner_id), query)

    async def list_among(self, document_ids: Collection[UUID], query: DocumentQuery) -> Slice[Document]:
        """Those of these documents that fit, whoever they belong to."""
        return await self._listed(self._whole().where(Document.id.in_(document_ids)), query)

    async def get(self, document_id: UUID) -> Document | None:
        """A document, whoever it belongs to."""
        return await self._one(self._whole().where(Document.id == document_id))

    async def get_linked(self, document_id: UUID) -> Document | None:
        """A document somebody holds a link to, unless its owner is blocked or deleted."""
        owner_is_active = select(User.id).where(
            User.id == Document.owner_id, User.status == UserStatus.active
        )
        return await self._one(self._whole().where(Document.id == document_id, owner_is_active.exists()))

    async def get_owned(self, document_id: UUID, owner_id: UUID) -> Document | None:
        """A document of this owner."""
        return await self._one(self._whole().where(Document.id == document_id, Document.owner_id == owner_id))

    async def all_owned(self, owner_id: UUID, document_ids: Collection[UUID]) -> Sequence[Document]:
        """Those of these documents that are this owner's."""
        statement = select(Document).where(Document.id.in_(document_ids), Document.owner_id == owner_id)
        return (await self.session.scalars(statement)).all()

    async def judge(self, document_id: UUID, found: str | None, *, is_scanned: bool) -> None:
        """Say what came of scanning a document that is still pending."""
        status = DocumentStatus.refused if found else DocumentStatus.clean
        pending = Document.status == DocumentStatus.pending
        await self.session.execute(
            update(Document)
            .where(Document.id == document_id, pending)
            .values(
                status=status if is_scanned else DocumentStatus.stored,
                refusal=None if found is None else found[:REFUSAL_CHARS],
                updated_at=now(),
            )
            .execution_options(synchronize_session=False)
        )

    async def erase_owned(self, owner_id: UUID) -> list[str]:
        """Delete the rows of all documents of an owner; the SHA-256 of their contents."""
        statement = delete(Document).where(Document.owner_id == owner_id).returning(Document.sha256)
        return list((await self.session.scalars(statement)).all())

    async def _listed(self, statement: Select[Document], query: DocumentQuery) -> Slice[Document]:
        if query.search:
            statement = statement.where(contains(Document.name, query.search))
        if query.category:
            statement = statement.where(Document.category == query.category)
        if query.format:
            statement = statement.where(Document.format == query.format.lower())
        if query.status:
            statement = statement.where(Document.status.in_(query.status))
        return await self._slice(statement, query, ORDER_BY[query.sort])

    @staticmethod
    def _whole() -> Select[Document]:
        return select(Document).options(joinedload(Document.content, innerjoin=True))
