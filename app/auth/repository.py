"""Questions about accounts and sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from app.auth.identity import Identity
from app.auth.models import Session, User, UserStatus, key_of
from app.core.repository import Repository

USERS, SESSIONS = User.__table__.c, Session.__table__.c
IDENTITY = (
    select(
        USERS.id,
        USERS.username,
        USERS.email,
        USERS.is_admin,
        SESSIONS.id.label("session_id"),
        USERS.must_change_password,
    )
    .join(User.__table__, USERS.id == SESSIONS.user_id)
    .where(
        SESSIONS.id == bindparam("session_id"),
        SESSIONS.revoked_at.is_(None),
        SESSIONS.expires_at > bindparam("moment"),
        USERS.status == UserStatus.active,
        USERS.token_version == bindparam("token_version"),
    )
)
"""Asked at every request of somebody signed in: put together once, over tables, which spares the mapper."""


class UserRepository(Repository[User]):
    """Accounts."""

    model = User

    async def get(self, user_id: UUID) -> User | None:
        """The account with this id."""
        return await self._one(select(User).where(User.id == user_id))

    async def get_for_update(self, user_id: UUID) -> User | None:
        """The account as it is now, locked until the unit of work ends."""
        return await self._one(
            select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
        )

    async def find_by_login(self, name: str) -> User | None:
        """The account with this e-mail address or user name, whatever the case."""
        key = key_of(name)
        column = User.email_key if "@" in key else User.username_key
        return await self._one(select(User).where(column == key))

    async def email_is_taken(self, email: str) -> bool:
        """Whether any account, also a deleted one, has this address."""
        found = await self.session.execute(select(User.id).where(User.email_key == key_of(email)))
        return found.first() is not None

    async def has_admin(self) -> bool:
        """Whether there is any administrator."""
        found = await self.session.execute(select(User.id).where(User.is_admin).limit(1))
        return found.first() is not None

    async def insert(self, user: User) -> bool:
        """Write the account unless its e-mail address or user name is taken; whether it was written."""
        try:
            async with self.session.begin_nested():
                await self.add(user)
        except IntegrityError:
            return False
        return True

    async def rename(self, user: User, username: str | None) -> bool:
        """Give the account another user name unless it is taken; whether it has it now."""
        try:
            async with self.session.begin_nested():
                user.username = username
                user.username_key = None if username is None else key_of(username)
                await self.session.flush()
        except IntegrityError:
            return False
        return True


class SessionRepository(Repository[Session]):
    """Sessions."""

    model = Session

    async def identity(self, session_id: UUID, token_version: int, moment: datetime) -> Identity | None:
        """Whose session this is, if it is alive then and the account neither blocked nor changed since."""
        asked = {"session_id": session_id, "token_version": token_version, "moment": moment}
        row = (await self.session.execute(IDENTITY, asked)).one_or_none()
        return None if row is None else Identity(*row)

    async def get_for_update(self, session_id: UUID) -> Session | None:
        """The session, locked until the unit of work ends."""
        return await self._one(select(Session).where(Session.id == session_id).with_for_update())

    async def revoke(self, session_id: UUID, moment: datetime) -> None:
        """End one session."""
        await self._revoke(Session.id == session_id, moment)

    async def revoke_others(self, user_id: UUID, kept_id: UUID, moment: datetime) -> None:
        """End every session of the user but one."""
        await self._revoke((Session.user_id == user_id) & (Session.id != kept_id), moment)

    async def _revoke(self, which: ColumnElement[bool], moment: datetime) -> None:
        await self.session.execute(
            update(Session).where(which, Session.revoked_at.is_(None)).values(revoked_at=moment)
        )
