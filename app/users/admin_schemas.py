"""Users as administrators see and change them, on the wire."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, field_validator

from app.auth.models import UserStatus
from app.auth.schemas import NewPassword
from app.core.pagination import ListQuery
from app.users.models import UserType
from app.users.schemas import Email, FullName, ProfileDetails, ProfileRead, ProfileUpdate


class UserSort(StrEnum):
    """In which order users are listed; a minus means falling."""

    newest = "-created_at"
    oldest = "created_at"
    email = "email"
    email_descending = "-email"


class UserQuery(ListQuery):
    """Which users; ``search`` looks into address, names, phone, company and INN."""

    status: UserStatus | None = None
    is_admin: bool | None = None
    user_type: UserType | None = None
    sort: UserSort = UserSort.newest


class UserDraft(ProfileDetails):
    """A new user; without a password one is made. Either has to be changed at the first login."""

    email: Email
    password: NewPassword | None = None
    full_name: FullName
    user_type: UserType = UserType.individual
    is_admin: bool = False


class UserChanges(ProfileUpdate):
    """What to change: a field left out stays, ``null`` clears it where it may be empty.

    ``status: blocked`` keeps somebody out, ``active`` lets him in again. A password set here has to be
    changed at the next login.
    """

    email: Email | None = None
    password: NewPassword | None = None
    is_admin: bool | None = None
    status: Literal[UserStatus.active, UserStatus.blocked] | None = None

    @field_validator("email", "password", "is_admin", "status")
    @classmethod
    def _is_given(cls, value: object) -> object:
        if value is None:
            raise ValueError("cannot be cleared")
        return value


class UserRead(ProfileRead):
    """A user with what only administrators are told."""

    status: UserStatus
    must_change_password: bool
    is_email_confirmed: bool


class UserCreated(UserRead):
    """A new user; the generated password is never shown again."""

    generated_password: str | None = Field(description="Null when a password was given.")
