"""Questions about profiles."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.core.repository import Repository
from app.users.models import Profile


class ProfileRepository(Repository[Profile]):
    """Profiles, each with its account."""

    model = Profile

    async def find(self, user_id: UUID) -> Profile | None:
        """The profile of this account."""
        return await self._one(self._of(user_id))

    async def find_for_update(self, user_id: UUID) -> Profile | None:
        """The same, locked until the unit of work ends."""
        return await self._one(self._of(user_id).with_for_update(of=Profile))

    def _of(self, user_id: UUID) -> Select[Profile]:
        return (
            select(Profile)
            .where(Profile.user_id == user_id)
            .options(joinedload(Profile.user, innerjoin=True))
        )
