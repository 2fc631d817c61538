"""Users as administrators handle them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from app.audit.service import Actor, AuditLog
from app.auth.accounts import AccountChanges, AccountService
from app.auth.first_admin import generated_password
from app.auth.identity import Identity
from app.auth.models import User
from app.auth.service import AuthService
from app.core.pagination import Slice
from app.core.versions import WHICHEVER, Expected
from app.users.admin_schemas import UserChanges, UserCreated, UserDraft, UserQuery, UserRead
from app.users.details import checked
from app.users.models import Profile
from app.users.repository import ProfileRepository, UserDirectory
from app.users.service import OF_THE_ACCOUNT, UserService, blank
from app.users.words import texts_of

EraseRest = Callable[[UUID], Awaitable[None]]
"""Removes what other features have of a user."""
OF_THE_RIGHTS = {"email", "password", "is_admin", "status"}
PASSWORD_SET = {"password": "set"}
"""All that the audit log tells of a password."""


class UserAdministration:
    """All users; every act is in the audit log."""

    def __init__(
        self,
        directory: UserDirectory,
        profiles: ProfileRepository,
        users: UserService,
        auth: AuthService,
        accounts: AccountService,
        audit: AuditLog,
        erase_rest: EraseRest,
    ) -> None:
        self.directory = directory
        self.profiles = profiles
        self.users = users
        self.auth = auth
        self.accounts = accounts
        self.audit = audit
        self.erase_rest = erase_rest

    async def search(self, query: UserQuery) -> Slice[Profile]:
        """One page of users; who never told anything has a blank profile."""
        found = await self.directory.search(query)
        profiles = await self.profiles.of_users(user.id for user in found.items)
        return found.map(lambda user: profiles.get(user.id) or blank(user))

    async def get(self, user_id: UUID) -> Profile:
        """One user, whatever his state.

        Raises:
            AccountMissing: there is none.
        """
        return await self.profiles.find(user_id) or blank(await self.accounts.get(user_id))

    async def create(self, admin: Identity, draft: UserDraft) -> UserCreated:
        """A new user with a password he has to change.

        Raises:
            ProfileIncomplete: payment details are missing or cannot be right.
            Rejected: the password would be guessed.
            EmailTaken, UsernameTaken: also when somebody else was faster by a moment.
        """
        details = checked(draft.model_dump(exclude=OF_THE_ACCOUNT | OF_THE_RIGHTS), self.users.phone_region)
        made = generated_password() if draft.password is None else None
        user = await self.auth.create(
            email=str(draft.email),
            password=draft.password or made or "",
            username=draft.username,
            is_admin=draft.is_admin,
            must_change_password=True,
            own_words=texts_of(details),
        )
        profile = await self.profiles.add(Profile(user=user, **details))
        await self._note(admin, "user.created", profile.user_id, after=_told(profile))
        return UserCreated(**dict(UserRead.model_validate(profile)), generated_password=made)

    async def change(
        self, admin: Identity, user_id: UUID, changes: UserChanges, expected: Expected = WHICHEVER
    ) -> Profile:
        """Change what was sent and nothing else.

        Raises:
            AccountMissing: there is no such user.
            PreconditionFailed: it is not the version that was expected.
            OwnAccount, LastAdministrator: somebody has to be left who administers.
            EmailTaken, UsernameTaken: by somebody else.
            ProfileIncomplete, Rejected: the result would not be a good profile, or the password be guessed.
        """
        sent = changes.model_dump(exclude_unset=True)
        password_hash = await self._hashed(user_id, sent)
        user = await self._locked(user_id, expected)
        before = _told(await self.get(user_id))
        rights = AccountChanges(
            email=changes.email,
            is_admin=changes.is_admin,
            status=changes.status,
            password_hash=password_hash,
        )
        await self.accounts.change(admin.id, user, rights)
        told = {name: value for name, value in sent.items() if name not in OF_THE_RIGHTS}
        profile = await self.users.update(user_id, told) if told else await self.get(user_id)
        after = _told(profile) | (PASSWORD_SET if password_hash else {})
        if after != before:
            await self._note(admin, "user.changed", user_id, before=before, after=after)
        return profile

    async def delete(self, admin: Identity, user_id: UUID, expected: Expected = WHICHEVER) -> None:
        """Take a user out of use; everything of his stays and he can be restored."""
        user = await self._locked(user_id, expected)
        await self._act(admin, "user.deleted", user, self.accounts.delete(admin.id, user))

    async def restore(self, admin: Identity, user_id: UUID) -> Profile:
        """Let a deleted or blocked user in again."""
        user = await self.accounts.lock(user_id)
        await self._act(admin, "user.restored", user, self.accounts.restore(user))
        return await self.get(user_id)

    async def erase(self, admin: Identity, user_id: UUID, expected: Expected = WHICHEVER) -> None:
        """Remove a deleted user for good, with everything that hangs on him.

        Raises:
            NotDeleted: he was not deleted before.
        """
        user = await self._locked(user_id, expected)
        self.accounts.refuse_unless_deleted(user)
        await self.erase_rest(user_id)
        profile = await self.profiles.find(user_id)
        if profile is not None:
            await self.profiles.remove(profile)
        await self.accounts.erase(user)
        await self._note(admin, "user.erased", user_id)

    async def _locked(self, user_id: UUID, expected: Expected) -> User:
        user = await self.accounts.lock(user_id)
        expected.refuse_unless(user.version)
        return user

    async def _hashed(self, user_id: UUID, sent: Mapping[str, Any]) -> str | None:
        if "password" not in sent:
            return None
        names = [sent[name] for name in ("email", "username") if sent.get(name)]
        return await self.accounts.hashed(sent["password"], user_id, [*names, *texts_of(sent)])

    async def _act(self, admin: Identity, action: str, user: User, act: Awaitable[None]) -> None:
        before = {"status": user.status}
        await act
        if user.status is not before["status"]:
            await self._note(admin, action, user.id, before=before, after={"status": user.status})

    async def _note(
        self,
        admin: Identity,
        action: str,
        user_id: UUID,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        await self.audit.record(Actor.user(admin.id), action, "user", user_id, before=before, after=after)


def _told(profile: Profile) -> dict[str, Any]:
    return UserRead.model_validate(profile).model_dump(exclude={"created_at", "version"})
