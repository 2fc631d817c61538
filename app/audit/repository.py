"""Questions about the audit log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.audit.chain import START, Link
from app.audit.models import AuditRecord
from app.audit.schemas import AuditQuery, AuditSort
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains

ORDER_BY = {
    AuditSort.newest: Ordering(AuditRecord.created_at, descending=True),
    AuditSort.oldest: Ordering(AuditRecord.created_at),
}


class AuditRepository(Repository[AuditRecord]):
    """Acts; there is no method that changes or deletes one."""

    model = AuditRecord

    async def search(self, query: AuditQuery) -> Slice[AuditRecord]:
        """One page of acts."""
        return await self._slice(_matching(query), query, ORDER_BY[query.sort])

    async def head(self) -> Link:
        """The last link of the chain; `START` while nothing is sealed."""
        last = select(AuditRecord.position, AuditRecord.digest).where(AuditRecord.position.is_not(None))
        row = (await self.session.execute(last.order_by(AuditRecord.position.desc()).limit(1))).one_or_none()
        return START if row is None else Link(row.position, row.digest)

    async def unsealed(self, most: int) -> Sequence[AuditRecord]:
        """Committed acts that are not in the chain yet, the oldest first."""
        statement = select(AuditRecord).where(AuditRecord.position.is_(None)).order_by(AuditRecord.id)
        return (await self.session.scalars(statement.limit(most))).all()

    async def count_unsealed(self) -> tuple[int, datetime | None]:
        """How many acts are not in the chain yet, and since when the oldest waits."""
        statement = select(func.count(), func.min(AuditRecord.created_at)).where(
            AuditRecord.position.is_(None)
        )
        count, oldest = (await self.session.execute(statement)).one()
        return count, oldest

    async def sealed_after(self, position: int, most: int) -> Sequence[AuditRecord]:
        """The next acts of the chain."""
        statement = select(AuditRecord).where(AuditRecord.position > position).order_by(AuditRecord.position)
        return (await self.session.scalars(statement.limit(most))).all()


def _matching(query: AuditQuery) -> Select[AuditRecord]:
    statement = select(AuditRecord)
    for column, wanted in (
        (AuditRecord.actor_id, query.actor_id),
        (AuditRecord.action, query.action),
        (AuditRecord.object_kind, query.object_kind),
        (AuditRecord.object_id, query.object_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.since is not None:
        statement = statement.where(AuditRecord.created_at >= query.since)
    if query.until is not None:
        statement = statement.where(AuditRecord.created_at < query.until)
    if query.search:
        statement = statement.where(_mentions(query.search))
    return statement


def _mentions(term: str) -> ColumnElement[bool]:
    return or_(contains(AuditRecord.action, term), contains(AuditRecord.object_id, term))
