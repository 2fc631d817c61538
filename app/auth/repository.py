"""Questions about accounts, their sessions, links and keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Update,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.auth.identity import Identity
from app.auth.models import ApiKey, EmailLink, LinkPurpose, Session, User, UserStatus, key_of
from app.auth.schemas import SessionQuery, SessionSort
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains

USERS, SESSIONS = User.__table__.c, Session.__table__.c
IDENTITY = (
    select(
        USERS.id,
        USERS.username,
        USERS.email,
        USERS.is_admin,
        SESSIONS.id.label("session_id"),
        USERS.must_change_password,
        USERS.email_confirmed_at.is_not(None).label("is_email_confirmed"),
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

ORDER_BY = {
    SessionSort.last_used: Ordering(Session.last_used_at, descending=True),
    SessionSort.oldest: Ordering(Session.created_at),
}


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

    async def find_by_email(self, email: str) -> User | None:
        """The account with this e-mail address, whatever the case."""
        return await self._one(select(User).where(User.email_key == key_of(email)))

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

    async def list_alive(self, user_id: UUID, query: SessionQuery, moment: datetime) -> Slice[Session]:
        """The sessions of the user that go on."""
        statement = select(Session).where(
            Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > moment
        )
        if query.search:
            statement = statement.where(contains(Session.user_agent, query.search))
        return await self._slice(statement, query, ORDER_BY[query.sort])

    async def revoke(self, session_id: UUID, moment: datetime) -> None:
        """End one session."""
        await self._revoke(Session.id == session_id, moment)

    async def revoke_own(self, user_id: UUID, session_id: UUID, moment: datetime) -> bool:
        """End one session of the user; whether there was one to end."""
        is_own = (Session.id == session_id) & (Session.user_id == user_id) & (Session.expires_at > moment)
        return await self._revoke(is_own, moment) > 0

    async def revoke_all(self, user_id: UUID, moment: datetime) -> None:
        """End every session of the user."""
        await self._revoke(Session.user_id == user_id, moment)

    async def revoke_others(self, user_id: UUID, kept_id: UUID, moment: datetime) -> None:
        """End every session of the user but one."""
        await self._revoke((Session.user_id == user_id) & (Session.id != kept_id), moment)

    async def forget_ended(self, before: datetime) -> None:
        """Drop the sessions that had ended by then."""
        await self.session.execute(
            delete(Session).where((Session.expires_at <= before) | (Session.revoked_at <= before))
        )

    async def _revoke(self, which: ColumnElement[bool], moment: datetime) -> int:
        """How many were ended."""
        ended: Update = update(Session).where(which, Session.revoked_at.is_(None)).values(revoked_at=moment)
        result = await self.session.execute(ended)
        assert isinstance(result, CursorResult)
        return result.rowcount


class EmailLinkRepository(Repository[EmailLink]):
    """Links that were sent by mail."""

    model = EmailLink

    async def get(self, link_id: UUID) -> EmailLink | None:
        """The link, if it still works for somebody."""
        return await self._one(select(EmailLink).where(EmailLink.id == link_id))

    async def replace(self, link: EmailLink) -> None:
        """Write the link in place of the one its account had."""
        await self.forget(link.user_id, link.purpose)
        await self.add(link)

    async def forget(self, user_id: UUID, purpose: LinkPurpose) -> None:
        """Take the link of this kind out of use, if the account has one."""
        await self.session.execute(
            delete(EmailLink).where(EmailLink.user_id == user_id, EmailLink.purpose == purpose)
        )

    async def find(self, token_digest: str, purpose: LinkPurpose, moment: datetime) -> EmailLink | None:
        """The link with this token, if it works at that moment."""
        return await self._one(
            select(EmailLink).where(
                EmailLink.token_digest == token_digest,
                EmailLink.purpose == purpose,
                EmailLink.expires_at > moment,
            )
        )

    async def use(self, link: EmailLink) -> bool:
        """Take the link out of use; whether it was still there, as of many at once for one alone."""
        result = await self.session.execute(
            delete(EmailLink).where(EmailLink.id == link.id).execution_options(synchronize_session=False)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    async def forget_expired(self, moment: datetime) -> None:
        """Drop the links whose time is over."""
        await self.session.execute(delete(EmailLink).where(EmailLink.expires_at <= moment))


class AccountRepository(UserRepository):
    """Accounts, whoever they belong to."""

    async def lock_with_administrators(self, user_id: UUID) -> User | None:
        """The account as it is now; it and everybody who can administer are locked until the work is done.

        One statement takes all locks in the order of ids: two who act at once never wait for each other.
        """
        can_administer = and_(User.is_admin, User.status == UserStatus.active)
        statement = select(User).where(or_(User.id == user_id, can_administer)).order_by(User.id)
        locked = statement.with_for_update().execution_options(populate_existing=True)
        return next((user for user in await self.session.scalars(locked) if user.id == user_id), None)

    async def administrators(self) -> list[UUID]:
        """Everybody who can administer now."""
        statement = select(User.id).where(User.is_admin, User.status == UserStatus.active)
        return list((await self.session.scalars(statement)).all())

    async def change_email(self, user: User, email: str) -> bool:
        """Give the account another address unless it is taken; whether it has it now."""
        try:
            async with self.session.begin_nested():
                user.email, user.email_key = email, key_of(email)
                await self.session.flush()
        except IntegrityError:
            return False
        return True

    async def end_everything(self, user_id: UUID, moment: datetime) -> None:
        """End every session of the account, and the link with which a password could be set."""
        await SessionRepository(self.session).revoke_all(user_id, moment)
        await EmailLinkRepository(self.session).forget(user_id, LinkPurpose.recover)

    async def erase(self, user: User) -> None:
        """Delete the account with its sessions, links and keys."""
        for table in (Session, EmailLink, ApiKey):
            await self.session.execute(delete(table).where(table.user_id == user.id))
        await self.remove(user)
