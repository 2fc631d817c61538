"""Signing up, and what people say of themselves."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.auth.identity import Identity
from app.auth.models import User
from app.auth.service import AuthService
from app.core.locale import Language
from app.core.versions import WHICHEVER, Expected
from app.users import legal
from app.users.details import checked
from app.users.models import Profile, UserType
from app.users.repository import ProfileRepository
from app.users.schemas import ProfileCreate
from app.users.words import texts_of

OF_THE_ACCOUNT = {"email", "password", "username"}


class UserService:
    """Profiles over the accounts of `auth`."""

    def __init__(self, profiles: ProfileRepository, auth: AuthService, phone_region: str) -> None:
        self.profiles = profiles
        self.auth = auth
        self.phone_region = phone_region

    async def register(self, draft: ProfileCreate, language: Language) -> Profile | None:
        """A new account with its profile; where addresses must be confirmed ``None``, whatever was done.

        Raises:
            ProfileIncomplete: payment details are missing or badly written.
            Rejected: the password would be guessed.
            EmailTaken, UsernameTaken: also when somebody else was faster by a moment.
        """
        details = checked(draft.model_dump(exclude=OF_THE_ACCOUNT), self.phone_region)
        if self.auth.confirms_email:
            await self._sign_up(draft, details, language)
            return None
        user = await self.auth.create(
            email=str(draft.email),
            password=draft.password,
            username=draft.username,
            own_words=texts_of(details),
        )
        return await self.profiles.add(Profile(user=user, **details))

    async def get(self, user_id: UUID) -> Profile:
        """The profile of an account; of one that never told anything, a blank one."""
        return await self.profiles.find(user_id) or blank(await self.auth.get(user_id))

    async def change_own(
        self, identity: Identity, sent: Mapping[str, Any], expected: Expected = WHICHEVER
    ) -> Profile:
        """`update` by the owner, who may try only so many user names, as each tells whether it is taken.

        Raises:
            TooManyRequests: enough for now.
        """
        if sent.get("username") not in {None, identity.username}:
            await self.auth.count_renaming(identity.id)
        return await self.update(identity.id, sent, expected)

    async def update(self, user_id: UUID, sent: Mapping[str, Any], expected: Expected = WHICHEVER) -> Profile:
        """Change what was sent (fields of `ProfileUpdate`) and nothing else.

        Raises:
            PreconditionFailed: it is not the version that was expected.
            ProfileIncomplete: the profile would lack payment details it needs.
            UsernameTaken: somebody else has this user name.
        """
        user = await self.auth.lock(user_id)
        expected.refuse_unless(user.version)
        profile = await self.profiles.find_for_update(user_id)
        if profile is None:
            profile = await self.profiles.add(blank(user))
        told = {name: value for name, value in sent.items() if name not in OF_THE_ACCOUNT}
        whole = {name: getattr(profile, name) for name in legal.CHECKED} | told
        is_changed = _changed(profile, checked(whole, self.phone_region))
        if "username" in sent and sent["username"] != user.username:
            await self.auth.rename(user, sent["username"])
            is_changed = True
        if is_changed:
            user.version += 1
        return profile

    async def _sign_up(self, draft: ProfileCreate, details: Mapping[str, Any], language: Language) -> None:
        user = await self.auth.sign_up(
            email=str(draft.email),
            password=draft.password,
            username=draft.username,
            own_words=texts_of(details),
            language=language,
        )
        if user is not None:
            await self.profiles.add(Profile(user=user, **details))


def _changed(profile: Profile, details: Mapping[str, Any]) -> bool:
    """Whether these details are new to the profile, which has them now."""
    new = {name: value for name, value in details.items() if getattr(profile, name) != value}
    for name, value in new.items():
        setattr(profile, name, value)
    return bool(new)


def blank(user: User) -> Profile:
    """The profile of an account that never told anything."""
    return Profile(
        user=user,
        user_id=user.id,
        full_name=user.username or user.email,
        user_type=UserType.individual,
        created_at=user.created_at,
    )
