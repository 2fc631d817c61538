"""Accounts as administrators handle them: rights, blocking, deletion, passwords that somebody else chose."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.auth.errors import AccountMissing, EmailTaken, LastAdministrator, NotDeleted, OwnAccount
from app.auth.letter_desk import LetterDesk
from app.auth.models import User, UserStatus
from app.auth.own_words import WordsOf
from app.auth.passwords import refuse_guessable
from app.auth.repository import AccountRepository
from app.core.clock import now
from app.core.security import PasswordHasher


@dataclass(frozen=True)
class AccountChanges:
    """What shall be otherwise; ``None`` leaves it as it is. ``password_hash`` is of a new password."""

    email: str | None = None
    is_admin: bool | None = None
    status: UserStatus | None = None
    password_hash: str | None = None


class AccountService:
    """Accounts of others. Whatever narrows what somebody may do holds from his next request on."""

    def __init__(
        self, accounts: AccountRepository, hasher: PasswordHasher, words: WordsOf, letters: LetterDesk
    ) -> None:
        self.accounts = accounts
        self.hasher = hasher
        self.words = words
        self.letters = letters

    async def get(self, user_id: UUID) -> User:
        """The account, whatever its state.

        Raises:
            AccountMissing: there is no such account.
        """
        user = await self.accounts.get(user_id)
        if user is None:
            raise AccountMissing
        return user

    async def hashed(self, password: str, user_id: UUID, new_words: Iterable[str] = ()) -> str:
        """The hash of a password chosen for somebody; takes tenths of a second, outside any transaction.

        It must not be made of what is known of him, nor of ``new_words``, which are about to be.

        Raises:
            AccountMissing: there is no such account.
            Rejected: the password would be guessed.
        """
        user = await self.get(user_id)
        refuse_guessable("password", password, [*await self.words(user), *new_words])
        await self.accounts.release()
        return await self.hasher.hash(password)

    async def lock(self, user_id: UUID) -> User:
        """The account, locked with all administrators until the unit of work ends.

        Raises:
            AccountMissing: there is no such account.
        """
        user = await self.accounts.lock_with_administrators(user_id)
        if user is None:
            raise AccountMissing
        return user

    async def change(self, actor_id: UUID, user: User, changes: AccountChanges) -> None:
        """Change a locked account; a change of rights, address or password ends all that was signed in.

        Raises:
            OwnAccount: nobody blocks himself.
            LastAdministrator: nobody would be left to administer.
            EmailTaken: another account has this address.
        """
        if changes.status is not None and changes.status is not user.status:
            await self._change_status(actor_id, user, changes.status)
        if changes.is_admin is not None and changes.is_admin != user.is_admin:
            await self._keep_an_administrator(user, is_admin=changes.is_admin, is_active=user.is_active)
            user.is_admin = changes.is_admin
            user.token_version += 1
            user.version += 1
        if changes.email is not None and changes.email != user.email:
            await self._change_email(user, changes.email)
        if changes.password_hash is not None:
            user.password_hash, user.password_changed_at = changes.password_hash, now()
            user.must_change_password = True
            user.version += 1
            await self._end_everything(user)

    async def delete(self, actor_id: UUID, user: User) -> None:
        """Take a locked account out of use; everything of it stays."""
        if user.status is not UserStatus.deleted:
            await self._change_status(actor_id, user, UserStatus.deleted)

    async def restore(self, user: User) -> None:
        """Let a blocked or deleted account be used again; he has to sign in anew."""
        if not user.is_active:
            user.status = UserStatus.active
            user.version += 1

    @staticmethod
    def refuse_unless_deleted(user: User) -> None:
        """Raise `NotDeleted` unless the account was deleted before."""
        if user.status is not UserStatus.deleted:
            raise NotDeleted

    async def erase(self, user: User) -> None:
        """Remove a locked account for good, with all it was signed in with and what it was written."""
        self.refuse_unless_deleted(user)
        await self.letters.forget(user)
        await self.accounts.erase(user)

    async def _change_status(self, actor_id: UUID, user: User, status: UserStatus) -> None:
        if status is not UserStatus.active:
            if user.id == actor_id:
                raise OwnAccount
            await self._keep_an_administrator(user, is_admin=user.is_admin, is_active=False)
            await self._end_everything(user)
        user.status = status
        user.version += 1

    async def _keep_an_administrator(self, user: User, *, is_admin: bool, is_active: bool) -> None:
        if is_admin and is_active:
            return
        if await self.accounts.administrators() == [user.id]:
            raise LastAdministrator

    async def _change_email(self, user: User, email: str) -> None:
        if not await self.accounts.change_email(user, email):
            raise EmailTaken
        user.email_confirmed_at = None
        user.version += 1
        await self._end_everything(user)

    async def _end_everything(self, user: User) -> None:
        user.token_version += 1
        await self.accounts.end_everything(user.id, now())
