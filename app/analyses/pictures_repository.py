"""Which pictures there are. Kept in units of work of their own, as facts are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from app.analyses.models import Picture
from app.core.clock import now
from app.core.db import Database
from app.core.upsert import insert_into


class PictureRepository:
    """The rows of drawn pictures."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def find(self, sha256: str, kind: str) -> Picture | None:
        """The picture of this kind, or why there is none."""
        mine = select(Picture).where(Picture.sha256 == sha256, Picture.kind == kind)
        async with self.database.reading() as session:
            return (await session.execute(mine)).scalar_one_or_none()

    async def of(self, sha256: str) -> Sequence[Picture]:
        """All pictures of a content."""
        async with self.database.reading() as session:
            return (await session.scalars(select(Picture).where(Picture.sha256 == sha256))).all()

    async def keep(self, sha256: str, kind: str, version: int, **outcome: Any) -> str | None:  # noqa: ANN401 - columns
        """Store a picture, or why there is none, in place of what was known; the key it had before."""
        nothing = {"storage_key": None, "size_bytes": None, "failure_code": None}
        values = {**nothing, **outcome, "version": version}
        mine = select(Picture.storage_key).where(Picture.sha256 == sha256, Picture.kind == kind)
        async with self.database.transaction() as session:
            before = (await session.execute(mine.with_for_update())).scalar_one_or_none()
            statement = insert_into(session, Picture).values(sha256=sha256, kind=kind, **values)
            await session.execute(
                statement.on_conflict_do_update(
                    index_elements=[Picture.sha256, Picture.kind], set_={**values, "updated_at": now()}
                )
            )
        return before

    async def remove(self, sha256s: Sequence[str]) -> list[str]:
        """Forget all pictures of these contents; where their bytes are."""
        gone = delete(Picture).where(Picture.sha256.in_(sha256s)).returning(Picture.storage_key)
        async with self.database.transaction() as session:
            return [key for key in await session.scalars(gone) if key is not None]

    async def stored(self) -> list[tuple[str, int]]:
        """Where every picture is, and how many bytes it has."""
        columns = select(Picture.storage_key, Picture.size_bytes).where(Picture.storage_key.is_not(None))
        async with self.database.reading() as session:
            return [(key or "", size or 0) for key, size in await session.execute(columns)]

    async def without_row(self, keys: Sequence[str]) -> set[str]:
        """Which of these keys are of no picture."""
        known = select(Picture.storage_key).where(Picture.storage_key.in_(keys))
        async with self.database.reading() as session:
            return set(keys) - set((await session.scalars(known)).all())
