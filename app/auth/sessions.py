"""Sessions: opened by a login, carried on by refresh tokens, ended by many things."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog

from app.auth.devices import device_of
from app.auth.errors import EmailNotConfirmed, RefreshReused
from app.auth.identity import Identity
from app.auth.models import USER_AGENT_CHARS, Session, User
from app.auth.repository import SessionRepository, UserRepository
from app.auth.schemas import SessionQuery
from app.core.caller import Caller
from app.core.clock import now
from app.core.config import AuthSection
from app.core.errors import NotFound, Unauthorized
from app.core.models import new_id
from app.core.pagination import Slice
from app.core.security import TokenService, digest, new_secret, same

log = structlog.get_logger("app.auth")

BEARER_TYPE: Literal["bearer"] = "bearer"


@dataclass(frozen=True, kw_only=True)
class Access:
    """An access token and what the client must know about it."""

    access_token: str
    expires_in: int
    must_change_password: bool
    token_type: Literal["bearer"] = BEARER_TYPE


@dataclass(frozen=True, kw_only=True)
class SignedIn(Access):
    """An access token with the refresh token to get the next one, good for ``refresh_seconds``."""

    refresh_token: str
    refresh_seconds: int


@dataclass(frozen=True, kw_only=True)
class OwnSession:
    """A session as its owner sees it; ``is_current`` marks the one he asks with."""

    id: UUID
    device: str
    user_agent: str
    address: str
    remember_me: bool
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_current: bool


class SessionService:
    """Sessions and the two kinds of tokens that stand for them."""

    def __init__(
        self,
        sessions: SessionRepository,
        users: UserRepository,
        tokens: TokenService,
        settings: AuthSection,
    ) -> None:
        self.sessions = sessions
        self.users = users
        self.tokens = tokens
        self.settings = settings

    async def open(self, user: User, caller: Caller, *, remember_me: bool) -> SignedIn:
        """A new session of this user."""
        secret, moment = new_secret(), now()
        self._expire_password(user, moment)
        session = Session(
            id=new_id(),
            user_id=user.id,
            refresh_digest=digest(secret),
            last_used_at=moment,
            expires_at=moment + self._lifetime(remember_me=remember_me),
            remember_me=remember_me,
            user_agent=caller.user_agent[:USER_AGENT_CHARS],
            address=caller.address,
        )
        await self.sessions.add(session)
        log.info("signed in", user_id=str(user.id), session_id=str(session.id), address=caller.address)
        return self._signed_in(user, session, secret)

    async def refresh(self, refresh_token: str | None, caller: Caller) -> SignedIn:
        """Replace a refresh token by the next one.

        The token replaced last still gets the same answer for some seconds (two tabs, a lost answer).

        Raises:
            Unauthorized: no such session, or it has ended, or its user may not go on.
            EmailNotConfirmed: customers must have confirmed their address by now.
            RefreshReused: a token that was replaced before, or never was one; the session is ended.
        """
        session_id, secret = _parsed(refresh_token)
        session = await self.sessions.get_for_update(session_id)
        moment = now()
        if session is None or not session.is_alive(moment):
            raise _no_session()
        user = await self.users.get(session.user_id)
        if user is None or not user.is_active:
            raise _no_session()
        self.refuse_unconfirmed(user)
        successor = self.tokens.successor(secret)
        if same(digest(secret), session.refresh_digest):
            self._rotate(session, successor, caller, moment)
        elif not self._is_repeated(session, secret, successor, moment):
            session.revoked_at = moment
            log.warning("refresh token used twice", session_id=str(session.id), address=caller.address)
            raise RefreshReused
        self._expire_password(user, moment)
        return self._signed_in(user, session, successor)

    async def list_own(self, identity: Identity, query: SessionQuery) -> Slice[OwnSession]:
        """The sessions of this user that go on."""
        found = await self.sessions.list_alive(identity.id, query, now())
        return found.map(lambda session: _seen(session, identity.session_id))

    async def end(self, identity: Identity, session_id: UUID) -> None:
        """End one of the user's own sessions, be it the present one.

        Raises:
            NotFound: it is none of his, or has ended before.
        """
        if not await self.sessions.revoke_own(identity.id, session_id, now()):
            raise NotFound

    async def logout(self, refresh_token: str | None, access_token: str | None) -> None:
        """End the sessions of both tokens; without a living session there is nothing to do.

        Raises:
            Unauthorized: there is an access token only, and it does not hold.
        """
        if access_token is not None:
            try:
                identity = await self.identify(access_token)
            except Unauthorized:
                if refresh_token is None:
                    raise
            else:
                await self.sessions.revoke(identity.session_id, now())
        if refresh_token is not None:
            await self._end_by_refresh_token(refresh_token)

    async def end_others(self, user_id: UUID, kept_id: UUID) -> None:
        """End every session of the user but one."""
        await self.sessions.revoke_others(user_id, kept_id, now())

    async def identify(self, access_token: str) -> Identity:
        """Who asks: the token names a session, the database decides in one statement whether it holds.

        Raises:
            Unauthorized: the token is not good, or the session has ended, or its user may not go on.
        """
        token = self.tokens.decode(access_token)
        identity = await self.sessions.identity(token.session_id, token.version, now())
        if identity is None or identity.id != token.user_id:
            raise _no_session()
        return identity

    def refuse_unconfirmed(self, user: User) -> None:
        """Let nobody go on who has yet to confirm his address; administrators need not."""
        if self.settings.confirm_email and not user.is_admin and user.email_confirmed_at is None:
            raise EmailNotConfirmed

    def access(self, user: User, session_id: UUID) -> Access:
        """An access token of this session, as the account is now."""
        return Access(
            access_token=self.tokens.issue(
                user_id=user.id,
                session_id=session_id,
                username=user.username,
                is_admin=user.is_admin,
                version=user.token_version,
            ),
            expires_in=int(self.tokens.ttl.total_seconds()),
            must_change_password=user.must_change_password,
        )

    async def _end_by_refresh_token(self, refresh_token: str) -> None:
        try:
            session_id, secret = _parsed(refresh_token)
        except Unauthorized:
            return
        session = await self.sessions.get_for_update(session_id)
        if session is None or not session.is_alive(now()):
            return
        presented = digest(secret)
        if same(presented, session.refresh_digest) or same(presented, session.previous_digest):
            session.revoked_at = now()

    def _expire_password(self, user: User, moment: datetime) -> None:
        """Have a password changed that is older than the settings allow."""
        days = self.settings.password_days
        if days and user.password_since + timedelta(days=days) <= moment:
            user.must_change_password = True

    def _rotate(self, session: Session, successor: str, caller: Caller, moment: datetime) -> None:
        session.previous_digest, session.refresh_digest = session.refresh_digest, digest(successor)
        session.rotated_at = session.last_used_at = moment
        longest = session.created_at + timedelta(days=self.settings.longest_days)
        session.expires_at = min(moment + self._lifetime(remember_me=session.remember_me), longest)
        session.address = caller.address

    def _is_repeated(self, session: Session, secret: str, successor: str, moment: datetime) -> bool:
        """Whether this is the token replaced a moment ago, whose successor nobody has used yet."""
        if session.rotated_at is None:
            return False
        grace = timedelta(seconds=self.settings.refresh_grace_seconds)
        return (
            same(digest(secret), session.previous_digest)
            and same(digest(successor), session.refresh_digest)
            and moment - session.rotated_at <= grace
        )

    def _lifetime(self, *, remember_me: bool) -> timedelta:
        if remember_me:
            return timedelta(days=self.settings.remember_days)
        return timedelta(hours=self.settings.session_hours)

    def _signed_in(self, user: User, session: Session, secret: str) -> SignedIn:
        access = self.access(user, session.id)
        return SignedIn(
            access_token=access.access_token,
            expires_in=access.expires_in,
            must_change_password=access.must_change_password,
            refresh_token=f"{session.id.hex}.{secret}",
            refresh_seconds=int(self._lifetime(remember_me=session.remember_me).total_seconds()),
        )


def _parsed(refresh_token: str | None) -> tuple[UUID, str]:
    """The session a refresh token names and its secret."""
    name, _, secret = (refresh_token or "").partition(".")
    try:
        return UUID(hex=name), secret
    except ValueError:
        raise _no_session() from None


def _seen(session: Session, current_id: UUID) -> OwnSession:
    return OwnSession(
        id=session.id,
        device=device_of(session.user_agent),
        user_agent=session.user_agent,
        address=session.address,
        remember_me=session.remember_me,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
        is_current=session.id == current_id,
    )


def _no_session() -> Unauthorized:
    return Unauthorized("There is no such session, or it has ended; sign in again.")
