"""The questions asked about versions of the catalogue."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer

from app.catalog.models import CatalogVersion, VersionOrigin, VersionStatus
from app.catalog.schemas import VersionQuery, VersionSort
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains

ORDER_BY: dict[VersionSort, Ordering] = {
    VersionSort.newest: Ordering(CatalogVersion.number, descending=True),
    VersionSort.oldest: Ordering(CatalogVersion.number),
}
PUBLISHED = CatalogVersion.status == VersionStatus.published


class VersionRepository(Repository[CatalogVersion]):
    """Versions; the rows come only with those of which they are needed."""

    model: ClassVar[type[CatalogVersion]] = CatalogVersion

    async def list_all(self, query: VersionQuery) -> Slice[CatalogVersion]:
        """The versions that were asked for."""
        statement = select(CatalogVersion)
        if query.status:
            statement = statement.where(CatalogVersion.status.in_(query.status))
        if query.search:
            statement = statement.where(contains(CatalogVersion.note, query.search))
        return await self._slice(statement, query, ORDER_BY[query.sort])

    async def find_with_rows(self, version_id: UUID | None) -> CatalogVersion | None:
        """One version and its rows."""
        statement = select(CatalogVersion).where(CatalogVersion.id == version_id)
        return await self._one(statement.options(undefer(CatalogVersion.rows)))

    async def find_for_update(self, version_id: UUID) -> CatalogVersion | None:
        """One version as it stands now, which nobody else may change meanwhile."""
        statement = select(CatalogVersion).where(CatalogVersion.id == version_id).with_for_update()
        return await self._one(statement.execution_options(populate_existing=True))

    async def find_by_content(self, version: str) -> CatalogVersion | None:
        """The version with this content."""
        return await self._one(select(CatalogVersion).where(CatalogVersion.version == version))

    async def published(self) -> CatalogVersion | None:
        """The version prices go by, with its rows; ``None`` before the first."""
        return await self._one(select(CatalogVersion).where(PUBLISHED).options(undefer(CatalogVersion.rows)))

    async def published_for_update(self) -> CatalogVersion | None:
        """The version prices go by, which nobody else may retire meanwhile."""
        statement = select(CatalogVersion).where(PUBLISHED).with_for_update()
        return await self._one(statement.execution_options(populate_existing=True))

    async def last_shipped(self) -> CatalogVersion | None:
        """What the calculator came with when it was seen last, with its rows."""
        statement = select(CatalogVersion).where(CatalogVersion.origin == VersionOrigin.shipped)
        newest = statement.order_by(CatalogVersion.number.desc()).limit(1)
        return await self._one(newest.options(undefer(CatalogVersion.rows)))

    async def name_of(self, version_id: UUID) -> str | None:
        """The name of this version."""
        statement = select(CatalogVersion.version).where(CatalogVersion.id == version_id)
        return (await self.session.scalars(statement)).one_or_none()

    async def name_of_published(self) -> str | None:
        """The name of the version prices go by."""
        return (await self.session.scalars(select(CatalogVersion.version).where(PUBLISHED))).one_or_none()

    async def rows_of(self, version: str) -> Sequence[dict[str, Any]] | None:
        """The rows of the version with this name."""
        statement = select(CatalogVersion.rows).where(CatalogVersion.version == version)
        return (await self.session.scalars(statement)).one_or_none()

    async def next_number(self) -> int:
        """The number of the next version; the unique constraint decides between two who ask."""
        return (await self.session.scalar(select(func.max(CatalogVersion.number))) or 0) + 1

    async def add_unless_there(self, row: CatalogVersion) -> bool:
        """Write a row now; false when another process was first with this content or number."""
        try:
            async with self.session.begin_nested():
                await self.add(row)
        except IntegrityError:
            return False
        return True

    async def flush(self) -> None:
        """Write what was changed now, so that the next change finds it."""
        await self.session.flush()
