"""Accounts: making them, signing in, changing the password."""

import asyncio
from pathlib import Path
from uuid import UUID

import structlog

from app.auth.errors import EmailTaken, LoginRefused, UsernameTaken, WrongPassword
from app.auth.first_admin import generated_password, write_first_admin
from app.auth.identity import Identity
from app.auth.models import User, key_of
from app.auth.repository import UserRepository
from app.auth.schemas import Login, PasswordChange
from app.auth.sessions import Access, SessionService, SignedIn
from app.core.caller import Caller
from app.core.config import AdminSection
from app.core.errors import NotFound, not_usable
from app.core.security import BEARER, PasswordHasher

log = structlog.get_logger("app.auth")


class AuthService:
    """Accounts and their passwords.

    Hashing takes tenths of a second: no transaction is held open over it, and what was read before is
    read again, locked, after it.
    """

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionService,
        hasher: PasswordHasher,
        admin: AdminSection,
    ) -> None:
        self.users = users
        self.sessions = sessions
        self.hasher = hasher
        self.admin = admin

    async def create(
        self,
        *,
        email: str,
        password: str,
        username: str | None = None,
        is_admin: bool = False,
        must_change_password: bool = False,
    ) -> User:
        """A new account.

        Raises:
            EmailTaken: also when somebody else took the address at the same moment.
            UsernameTaken: the same for the user name.
        """
        await self.users.release()
        user = User(
            email=email,
            email_key=key_of(email),
            username=username,
            username_key=None if username is None else key_of(username),
            password_hash=await self.hasher.hash(password),
            is_admin=is_admin,
            must_change_password=must_change_password,
        )
        if not await self.users.insert(user):
            raise EmailTaken if await self.users.email_is_taken(email) else UsernameTaken
        return user

    async def get(self, user_id: UUID) -> User:
        """The account of somebody who was identified."""
        user = await self.users.get(user_id)
        if user is None:
            raise NotFound
        return user

    async def rename(self, user: User, username: str | None) -> None:
        """Give the account another user name, or none."""
        if not await self.users.rename(user, username):
            raise UsernameTaken

    async def ensure_first_admin(self, data_dir: Path) -> Path | None:
        """Make the configured administrator if there is none; the file with a generated password, if any.

        Of several processes starting at once one makes him; the others find the address taken.
        """
        if await self.users.has_admin():
            return None
        given = self.admin.password
        password = generated_password() if given is None else given.get_secret_value()
        try:
            await self.create(
                email=self.admin.email, password=password, is_admin=True, must_change_password=given is None
            )
        except EmailTaken:
            if not await self.users.has_admin():
                log.warning("the address of the first administrator belongs to a customer")
            return None
        if given is not None:
            return None
        return await asyncio.to_thread(write_first_admin, data_dir, self.admin.email, password)

    async def login(self, credentials: Login, caller: Caller) -> SignedIn:
        """Open a session.

        Raises:
            LoginRefused: unknown, wrong, blocked or deleted: one answer, after about the same time.
        """
        user = await self.users.find_by_login(credentials.name)
        await self.users.release()
        if user is None:
            await self.hasher.dummy_verify(credentials.password)
            raise LoginRefused(headers=BEARER)
        verified = user.password_hash
        if not await self.hasher.verify(credentials.password, verified) or not user.is_active:
            raise LoginRefused(headers=BEARER)
        renewed = await self._renewed_hash(credentials.password, verified)
        present = await self.users.get_for_update(user.id)
        if present is None or not present.is_active or present.password_hash != verified:
            raise LoginRefused(headers=BEARER)
        present.password_hash = renewed
        return await self.sessions.open(present, caller, remember_me=credentials.remember_me)

    async def change_password(self, identity: Identity, change: PasswordChange) -> Access:
        """Set a new password; every other session ends, and this one goes on with the token returned.

        Raises:
            WrongPassword: the old one is not right.
            Rejected: the new one is the old one.
        """
        user = await self.users.get(identity.id)
        await self.users.release()
        if user is None or not await self.hasher.verify(change.old, user.password_hash):
            raise WrongPassword
        if change.new == change.old:
            raise not_usable("new", "must differ from the old password", "unchanged")
        verified, hashed = user.password_hash, await self.hasher.hash(change.new)
        present = await self.users.get_for_update(identity.id)
        if present is None or present.password_hash != verified:
            raise WrongPassword
        present.password_hash = hashed
        present.must_change_password = False
        present.token_version += 1
        await self.sessions.end_others(identity.id, identity.session_id)
        return self.sessions.access(present, identity.session_id)

    async def _renewed_hash(self, password: str, password_hash: str) -> str:
        """The hash to store from now on: another one when the configured cost has changed."""
        if self.hasher.needs_update(password_hash):
            return await self.hasher.hash(password)
        return password_hash
