"""What files and documents have in common: each row is its owner's own and points to a content."""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.core.errors import AppError
from app.core.models import Record
from app.core.quotas import Used
from app.core.repository import Repository

H = TypeVar("H", bound=Record)


class HoldingRepository(Repository[H]):
    """Rows with ``owner_id``, ``size_bytes`` and ``sha256``; ``in_use`` says that something stands on one."""

    model: ClassVar[Any]
    in_use: ClassVar[type[AppError]]

    async def usage(self, owner_id: UUID) -> Used:
        """What an owner has."""
        counted = select(func.count(), func.coalesce(func.sum(self.model.size_bytes), 0))
        found = await self.session.execute(counted.where(self.model.owner_id == owner_id))
        rows, size_bytes = found.one()
        return Used(rows, int(size_bytes))

    async def remove_unused(self, row: H) -> None:
        """Delete a row nothing stands on.

        Raises:
            ``in_use``: something does; the transaction goes on.
        """
        try:
            async with self.session.begin_nested():
                await self.remove(row)
        except IntegrityError as error:
            raise self.in_use from error

    async def forget(self, sha256: str) -> None:
        """Delete every row with this content, whoever has it.

        Raises:
            ``in_use``: something stands on one of them.
        """
        try:
            await self.session.execute(delete(self.model).where(self.model.sha256 == sha256))
        except IntegrityError as error:
            raise self.in_use from error
