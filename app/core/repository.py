"""The base of every repository: adding, finding, slicing. Small on purpose."""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, QueryableAttribute

from app.core.db import Action, after_commit, after_rollback, release
from app.core.errors import not_usable
from app.core.models import Record
from app.core.pagination import MAX_DEPTH, ListQuery, Slice

M = TypeVar("M", bound=Record)


@dataclass(frozen=True)
class Ordering:
    """A sort order; the id is always added, so that equal values never shuffle."""

    column: InstrumentedAttribute[Any]
    descending: bool = False


class Repository(Generic[M]):
    """The questions asked of one table; subclasses name them."""

    model: ClassVar[type[Record]]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, row: M) -> M:
        """Write a new row now, so that the constraints speak; it is kept when the unit of work commits."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def remove(self, row: M) -> None:
        """Delete a row now."""
        await self.session.delete(row)
        await self.session.flush()

    async def release(self) -> None:
        """Give the connection back before a slow call (see :func:`app.core.db.release`)."""
        await release(self.session)

    def after_commit(self, action: Action) -> None:
        """Run ``action`` once the unit of work is committed."""
        after_commit(self.session, action)

    def after_rollback(self, action: Action) -> None:
        """Run ``action`` if the unit of work fails."""
        after_rollback(self.session, action)

    async def _one(self, statement: Select[M]) -> M | None:
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def _slice(self, statement: Select[M], query: ListQuery, order: Ordering) -> Slice[M]:
        total = await self._total(statement)
        page = statement
        if query.after is not None:
            page = statement.where(await self._beyond(statement, order, query.after))
        rows = await self.session.scalars(
            page.order_by(*self._order_by(order)).limit(query.limit).offset((query.page - 1) * query.limit)
        )
        return Slice(
            items=rows.all(),
            total=min(total, MAX_DEPTH),
            total_is_capped=total > MAX_DEPTH,
            page=query.page,
            limit=query.limit,
        )

    async def _total(self, statement: Select[M]) -> int:
        """Rows of the statement, counted up to one beyond the cap."""
        capped = statement.with_only_columns(self.model.id).order_by(None).limit(MAX_DEPTH + 1).subquery()
        return (await self.session.execute(select(func.count()).select_from(capped))).scalar_one()

    def _order_by(self, order: Ordering) -> tuple[ColumnElement[Any], ...]:
        columns: tuple[QueryableAttribute[Any], ...] = (order.column, self.model.id)
        return tuple(column.desc() if order.descending else column.asc() for column in columns)

    async def _beyond(self, statement: Select[M], order: Ordering, after: UUID) -> ColumnElement[bool]:
        """Rows of the list that come after the row with the id ``after``, which must be of the list itself.

        Raises:
            Rejected: it is not, or not any more.
        """
        anchor = statement.with_only_columns(order.column).order_by(None).where(self.model.id == after)
        found = (await self.session.execute(anchor)).one_or_none()
        if found is None:
            raise not_usable(
                "after", "this row is not in the list (any more); begin with the first page", "unknown"
            )
        value = found[0]
        if order.descending:
            past, tied = order.column < value, self.model.id < after
        else:
            past, tied = order.column > value, self.model.id > after
        return or_(past, and_(order.column == value, tied))


def contains(column: InstrumentedAttribute[Any], term: str) -> ColumnElement[bool]:
    """Whether the text holds the term, whatever the case; ``%`` and ``_`` mean themselves."""
    return column.icontains(term, autoescape=True)
