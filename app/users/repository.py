"""Questions about profiles, and about users as a whole."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.auth.models import User
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains
from app.users.admin_schemas import UserQuery, UserSort
from app.users.models import Profile

ORDER_BY = {
    UserSort.newest: Ordering(User.created_at, descending=True),
    UserSort.oldest: Ordering(User.created_at),
    UserSort.email: Ordering(User.email_key),
    UserSort.email_descending: Ordering(User.email_key, descending=True),
}
SEARCHED = (
    User.email,
    User.username,
    Profile.full_name,
    Profile.phone,
    Profile.company,
    Profile.payment_company_name,
    Profile.payment_inn,
)


class ProfileRepository(Repository[Profile]):
    """Profiles, each with its account."""

    model = Profile

    async def find(self, user_id: UUID) -> Profile | None:
        """The profile of this account."""
        return await self._one(self._of(user_id))

    async def find_for_update(self, user_id: UUID) -> Profile | None:
        """The same, locked until the unit of work ends."""
        return await self._one(self._of(user_id).with_for_update(of=Profile))

    async def of_users(self, user_ids: Iterable[UUID]) -> dict[UUID, Profile]:
        """The profiles of these accounts, by the id of the account."""
        statement = select(Profile).where(Profile.user_id.in_(list(user_ids)))
        found = await self.session.scalars(statement.options(joinedload(Profile.user, innerjoin=True)))
        return {profile.user_id: profile for profile in found}

    def _of(self, user_id: UUID) -> Select[Profile]:
        return (
            select(Profile)
            .where(Profile.user_id == user_id)
            .options(joinedload(Profile.user, innerjoin=True))
        )


class UserDirectory(Repository[User]):
    """All accounts, found by anything that is told of them."""

    model = User

    async def search(self, query: UserQuery) -> Slice[User]:
        """One page of accounts."""
        statement = select(User).outerjoin(Profile, Profile.user_id == User.id)
        if query.status is not None:
            statement = statement.where(User.status == query.status)
        if query.is_admin is not None:
            statement = statement.where(User.is_admin.is_(query.is_admin))
        if query.user_type is not None:
            statement = statement.where(Profile.user_type == query.user_type)
        if query.search:
            statement = statement.where(or_(*(contains(column, query.search) for column in SEARCHED)))
        return await self._slice(statement, query, ORDER_BY[query.sort])
