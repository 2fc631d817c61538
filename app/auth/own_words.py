"""What is known of a person besides the account: words a password must not be made of."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import User

WordsOf = Callable[[User], Awaitable[list[str]]]


class OwnWords:
    """Asked for the words of a person; a feature that knows more than we do stands in for this one."""

    async def of(self, session: AsyncSession, user_id: UUID) -> list[str]:  # noqa: ARG002 - for those who know
        """Names, places and numbers."""
        return []


def words_over(known: OwnWords, session: AsyncSession) -> WordsOf:
    """The words of a user: of the account, and whatever else is known, by this database session."""

    async def words(user: User) -> list[str]:
        return [user.email, user.username or "", *await known.of(session, user.id)]

    return words
