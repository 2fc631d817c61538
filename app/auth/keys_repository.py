"""Questions about API keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from app.auth.keys_schemas import KeyQuery, KeySort
from app.auth.models import ApiKey, Session, User, UserStatus
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains

KEYS_BY = {
    KeySort.newest: Ordering(ApiKey.created_at, descending=True),
    KeySort.oldest: Ordering(ApiKey.created_at),
}


class KeyRepository(Repository[ApiKey]):
    """Keys with which programs sign in."""

    model = ApiKey

    async def list_living(self, user_id: UUID, query: KeyQuery, moment: datetime) -> Slice[ApiKey]:
        """The keys of this owner that can be used."""
        statement = select(ApiKey).where(ApiKey.user_id == user_id, _lives(moment))
        if query.search:
            statement = statement.where(contains(ApiKey.name, query.search))
        return await self._slice(statement, query, KEYS_BY[query.sort])

    async def count_living(self, user_id: UUID, moment: datetime) -> int:
        """How many keys of this owner can be used."""
        statement = select(func.count()).where(ApiKey.user_id == user_id, _lives(moment))
        return (await self.session.execute(statement)).scalar_one()

    async def get_living(self, user_id: UUID, key_id: UUID, moment: datetime) -> ApiKey | None:
        """A key of this owner that can be used, locked until the unit of work ends."""
        statement = select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id, _lives(moment))
        return await self._one(statement.with_for_update())

    async def lock_living(self, user_id: UUID, moment: datetime) -> Sequence[ApiKey]:
        """All keys of this owner that can be used, locked until the unit of work ends."""
        statement = select(ApiKey).where(ApiKey.user_id == user_id, _lives(moment)).order_by(ApiKey.id)
        return (await self.session.scalars(statement.with_for_update())).all()

    async def lock_owner(self, user_id: UUID, session_id: UUID) -> bool:
        """Lock the account until the unit of work ends; whether that session of it still goes on.

        Two statements: the second sees what whoever held the lock before has done.
        """
        await self.session.execute(select(User.id).where(User.id == user_id).with_for_update())
        goes_on = select(Session.id).where(
            Session.id == session_id, Session.user_id == user_id, Session.revoked_at.is_(None)
        )
        return (await self.session.execute(goes_on)).first() is not None

    async def find(self, prefix: str, moment: datetime, *, confirmed: bool) -> tuple[ApiKey, bool] | None:
        """The key with this prefix, if it can be used and its owner can go on; and whether he administers.

        With ``confirmed`` customers must have confirmed their e-mail address.
        """
        statement = (
            select(ApiKey, User.is_admin)
            .join(User, User.id == ApiKey.user_id)
            .where(
                ApiKey.prefix == prefix,
                _lives(moment),
                User.status == UserStatus.active,
                User.must_change_password.is_(False),
            )
        )
        if confirmed:
            statement = statement.where(or_(User.is_admin, User.email_confirmed_at.is_not(None)))
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def note_use(self, key_id: UUID, moment: datetime, precision: timedelta) -> None:
        """Remember that the key was used then; one that was used within the ``precision`` stays as it is."""
        is_older = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= moment - precision)
        statement = update(ApiKey).where(ApiKey.id == key_id, is_older).values(last_used_at=moment)
        await self.session.execute(statement.execution_options(synchronize_session=False))


def _lives(moment: datetime) -> ColumnElement[bool]:
    return and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > moment))
