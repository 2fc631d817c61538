"""Accounts: making them, signing in, changing the password."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import structlog

from app.auth.errors import EmailTaken, LoginRefused, UsernameTaken, WrongPassword
from app.auth.events import LetterKind
from app.auth.first_admin import generated_password, write_first_admin
from app.auth.guesses import Attempt, Guesses
from app.auth.identity import Identity
from app.auth.keys import KeyService
from app.auth.letter_desk import LetterDesk
from app.auth.models import User, key_of
from app.auth.own_words import WordsOf
from app.auth.passwords import refuse_guessable
from app.auth.repository import UserRepository
from app.auth.schemas import Login, PasswordChange
from app.auth.sessions import Access, SessionService, SignedIn
from app.core.caller import Caller
from app.core.clock import now
from app.core.config import Settings
from app.core.errors import NotFound, not_usable
from app.core.locale import Language
from app.core.rates import limit
from app.core.security import PasswordHasher

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
        guesses: Guesses,
        letters: LetterDesk,
        words: WordsOf,
        keys: KeyService,
        settings: Settings,
    ) -> None:
        self.users = users
        self.sessions = sessions
        self.hasher = hasher
        self.guesses = guesses
        self.letters = letters
        self.words = words
        self.keys = keys
        self.admin = settings.admin
        self.confirms_email = settings.auth.confirm_email
        self.renamings = limit("user-names", settings.limits.registration)

    async def create(
        self,
        *,
        email: str,
        password: str,
        username: str | None = None,
        is_admin: bool = False,
        must_change_password: bool = False,
        own_words: Iterable[str] = (),
    ) -> User:
        """A new account; of ``own_words``, further names of its owner, the password must not be made.

        Raises:
            Rejected: the password would be guessed.
            EmailTaken: also when somebody else took the address at the same moment.
            UsernameTaken: the same for the user name.
        """
        refuse_guessable("password", password, (email, username or "", *own_words))
        await self.users.release()
        hashed = await self.hasher.hash(password)
        user = _account(email, username, hashed, is_admin=is_admin, must_change_password=must_change_password)
        return await self._insert(user)

    async def sign_up(
        self, *, email: str, password: str, username: str | None, own_words: Iterable[str], language: Language
    ) -> User | None:
        """A new account that has to confirm its address, or ``None`` when the address has one already.

        Either way its owner gets a letter, at most as often as letters are sent to one recipient, and
        nothing else tells whether there was an account. So a user name that is taken is left out, and only
        the letter tells, which does not repeat what a stranger may have written there.

        Raises:
            Rejected: the password would be guessed.
        """
        refuse_guessable("password", password, (email, username or "", *own_words))
        await self.users.release()
        hashed = await self.hasher.hash(password)
        may_send = await self.letters.may_send(LetterKind.confirm, email)
        user = await self._insert_or_none(email, username, hashed)
        if may_send:
            await self.letters.publish(_welcome(user, username), email, language)
        return user

    async def get(self, user_id: UUID) -> User:
        """The account of somebody who was identified."""
        user = await self.users.get(user_id)
        if user is None:
            raise NotFound
        return user

    async def lock(self, user_id: UUID) -> User:
        """The account of somebody who was identified, as it is now, locked until the unit of work ends."""
        user = await self.users.get_for_update(user_id)
        if user is None:
            raise NotFound
        return user

    async def count_renaming(self, user_id: UUID) -> None:
        """Count one user name somebody wants; before anything else of the unit of work.

        Raises:
            TooManyRequests: he has wanted enough for now.
        """
        await self.guesses.limiter.take(self.renamings, user_id)

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
        await self.users.release()
        hashed = await self.hasher.hash(password)
        try:
            await self._insert(
                _account(self.admin.email, None, hashed, is_admin=True, must_change_password=given is None)
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
            LoginRefused: unknown, wrong, blocked or deleted: one answer, after the same work.
            TooManyRequests: wrong too often from this address, whether there is such an account or not.
            EmailNotConfirmed: all is right, but the address is still to be confirmed.
        """
        user = await self.users.find_by_login(credentials.name)
        await self.users.release()
        name = key_of(credentials.name)
        attempt = Attempt(name, name if user is None else user.id, caller.address)
        if not await self._fits(user, attempt, credentials.password) or user is None:
            raise LoginRefused
        self.sessions.refuse_unconfirmed(user)
        verified = user.password_hash
        renewed = await self._renewed_hash(credentials.password, verified)
        present = await self.users.get_for_update(user.id)
        if present is None or not present.is_active or present.password_hash != verified:
            raise LoginRefused
        present.password_hash = renewed
        return await self.sessions.open(present, caller, remember_me=credentials.remember_me)

    async def change_password(self, identity: Identity, change: PasswordChange, caller: Caller) -> Access:
        """Set a new password; every other session ends, and this one goes on with the token returned.

        A link to set a password that was sent before works no more.

        Raises:
            WrongPassword: the old one is not right.
            TooManyRequests: it was not right too often.
            Rejected: the new one is the old one, or would be guessed.
        """
        user = await self.users.get(identity.id)
        own = [] if user is None else await self.words(user)
        await self.users.release()
        attempt = Attempt(identity.id, identity.id, caller.address)
        if not await self._fits(user, attempt, change.old) or user is None:
            raise WrongPassword
        if change.new == change.old:
            raise not_usable("new", "must differ from the old password", "unchanged")
        refuse_guessable("new", change.new, own)
        verified, hashed = user.password_hash, await self.hasher.hash(change.new)
        present = await self.users.get_for_update(identity.id)
        if present is None or present.password_hash != verified:
            raise WrongPassword
        present.password_hash, present.password_changed_at = hashed, now()
        present.must_change_password = False
        present.token_version += 1
        await self.sessions.end_others(identity.id, identity.session_id)
        await self.letters.withdraw_recovery(identity.id)
        if change.revoke_keys:
            await self.keys.revoke_all(identity.id)
        return self.sessions.access(present, identity.session_id)

    async def _fits(self, user: User | None, attempt: Attempt, password: str) -> bool:
        """Whether this is the user's password: one hash is checked whoever it is, and a failure counts.

        The right password of an account that may not be used counts as a wrong one.
        """
        await self.guesses.admit(attempt)
        if user is None:
            await self.hasher.dummy_verify(password)
            fits = False
        else:
            fits = await self.hasher.verify(password, user.password_hash) and user.is_active
        if fits:
            await self.guesses.succeeded(attempt)
        else:
            await self.guesses.failed(attempt)
        return fits

    async def _insert(self, user: User) -> User:
        if not await self.users.insert(user):
            raise EmailTaken if await self.users.email_is_taken(user.email) else UsernameTaken
        return user

    async def _insert_or_none(self, email: str, username: str | None, password_hash: str) -> User | None:
        """The account, if need be without its user name; ``None`` when the address is taken."""
        try:
            return await self._insert(_account(email, username, password_hash))
        except EmailTaken:
            return None
        except UsernameTaken:
            return await self._insert_or_none(email, None, password_hash)

    async def _renewed_hash(self, password: str, password_hash: str) -> str:
        """The hash to store from now on: another one when the scheme or its cost has changed."""
        if self.hasher.needs_update(password_hash):
            return await self.hasher.hash(password)
        return password_hash


def _welcome(user: User | None, wanted: str | None) -> LetterKind:
    """The letter to whoever signed up and wanted this user name."""
    if user is None:
        return LetterKind.known
    return LetterKind.confirm if user.username == wanted else LetterKind.unnamed


def _account(
    email: str,
    username: str | None,
    password_hash: str,
    *,
    is_admin: bool = False,
    must_change_password: bool = False,
) -> User:
    return User(
        email=email,
        email_key=key_of(email),
        username=username,
        username_key=None if username is None else key_of(username),
        password_hash=password_hash,
        is_admin=is_admin,
        must_change_password=must_change_password,
        password_changed_at=now(),
    )
