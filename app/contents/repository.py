"""The questions asked about contents."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from sqlalchemy import case, delete, select
from sqlalchemy.exc import IntegrityError

from app.contents.models import Content
from app.core.clock import now
from app.core.repository import Repository
from app.core.upsert import insert_into


class StoredContent(NamedTuple):
    """What must lie in the storage."""

    key: str
    size_bytes: int
    sha256: str


class ContentRepository(Repository[Content]):
    """Contents by their SHA-256."""

    model: ClassVar[type[Content]] = Content

    async def find(self, sha256: str) -> Content | None:
        """The content, if somebody has it."""
        return await self._one(select(Content).where(Content.sha256 == sha256))

    async def keep(self, new: StoredContent, *, instead_of: str | None = None) -> Content:
        """The content, which stays until this transaction ends; its bytes are at its own key.

        They are the new ones when nobody had the content, or when its bytes were at ``instead_of``, where
        they are lost. A twin that stores or drops the same content at the same moment is waited for.
        """
        insert = insert_into(self.session, Content).values(
            sha256=new.sha256, storage_key=new.key, size_bytes=new.size_bytes
        )
        lost = Content.storage_key == instead_of
        statement = insert.on_conflict_do_update(
            index_elements=[Content.sha256],
            set_={
                "storage_key": case((lost, insert.excluded.storage_key), else_=Content.storage_key),
                "updated_at": now(),
            },
        ).returning(Content)
        found: Content = (
            await self.session.scalars(statement, execution_options={"populate_existing": True})
        ).one()
        return found

    async def remove_unused(self, sha256: str) -> str | None:
        """Delete the row, unless somebody has the content; the key of the bytes nobody needs any more."""
        statement = delete(Content).where(Content.sha256 == sha256).returning(Content.storage_key)
        try:
            async with self.session.begin_nested():
                return (await self.session.execute(statement)).scalar_one_or_none()
        except IntegrityError:
            return None

    async def without_row(self, keys: Sequence[str]) -> set[str]:
        """Which of these keys no row knows."""
        known = await self.session.scalars(select(Content.storage_key).where(Content.storage_key.in_(keys)))
        return set(keys) - set(known.all())

    async def stored(self) -> list[StoredContent]:
        """Every content there is, for backups and checks."""
        columns = select(Content.storage_key, Content.size_bytes, Content.sha256).order_by(
            Content.storage_key
        )
        return [StoredContent(*row) for row in await self.session.execute(columns)]

    async def digests_at(self, keys: Sequence[str]) -> list[str]:
        """The SHA-256 of the contents whose bytes are at these keys."""
        statement = select(Content.sha256).where(Content.storage_key.in_(keys))
        return list((await self.session.scalars(statement)).all())
