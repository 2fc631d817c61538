"""Signing in, on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, model_validator

from app.auth.models import EMAIL_CHARS
from app.auth.passwords import MAX_PASSWORD_BYTES, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS
from app.contract.base import STORABLE
from app.core.addresses import normal_address
from app.core.locale import Language
from app.core.pagination import ListQuery
from app.core.schemas import Schema


def _few_bytes(password: str) -> str:
    if len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
        raise ValueError(f"must have at most {MAX_PASSWORD_BYTES} bytes")
    return password


NewPassword = Annotated[str, Field(min_length=MIN_PASSWORD_CHARS, max_length=MAX_PASSWORD_CHARS), STORABLE]
GivenPassword = Annotated[str, Field(max_length=MAX_PASSWORD_BYTES), AfterValidator(_few_bytes), STORABLE]
"""A password to be checked: may be anything, since an old one followed older rules."""
Email = Annotated[EmailStr, Field(max_length=EMAIL_CHARS)]
LinkToken = Annotated[str, Field(min_length=1, max_length=128), STORABLE]
LoginName = Annotated[str, Field(min_length=1, max_length=EMAIL_CHARS), STORABLE]


class Login(Schema):
    """E-mail address or user name, and the password; ``remember_me`` keeps the session for weeks."""

    email: LoginName | None = None
    username: LoginName | None = None
    password: GivenPassword
    remember_me: bool = False

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.email is None) == (self.username is None):
            raise ValueError("give either email or username")
        return self

    @property
    def name(self) -> str:
        """Whatever the account is to be found by."""
        return normal_address(self.email or self.username or "")


class PasswordForm(Schema, extra="ignore"):
    """The password grant of OAuth 2.0 (RFC 6749, 4.3): what the Authorize button of ``/docs`` sends."""

    username: LoginName = Field(description="User name or e-mail address.")
    password: GivenPassword
    grant_type: Literal["password"] = "password"


class TokenRead(Schema):
    """The access token for the Authorization header, good for ``expires_in`` seconds."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    must_change_password: bool


class PasswordChange(Schema):
    """The old password and the one to replace it."""

    old: GivenPassword
    new: NewPassword
    revoke_keys: bool = Field(default=False, description="Whether all your API keys end as well.")


LETTER_ON_ITS_WAY: dict[Language, str] = {
    "en": "If a letter is due to this address, it is on its way.",
    "ru": "Если на этот адрес полагается письмо, оно уже в пути.",
}


class LetterWish(Schema):
    """The address a letter is wanted for."""

    email: Email


class Asked(Schema):
    """Said whether there is such an account or not; a letter is sent where one is due."""

    message: str

    @classmethod
    def of(cls, language: Language) -> Self:
        """The one sentence, in this language."""
        return cls(message=LETTER_ON_ITS_WAY[language])


class EmailConfirmation(Schema):
    """What the link of a confirmation letter carries."""

    token: LinkToken


class PasswordReset(Schema):
    """What the link of a recovery letter carries, and the password from now on."""

    token: LinkToken
    password: NewPassword
    revoke_keys: bool = Field(
        default=True,
        description="Whether all API keys of the account end as well. Leave it on if somebody else may have "
        "been in the account.",
    )


class SessionSort(StrEnum):
    """How sessions may be ordered."""

    last_used = "-last_used_at"
    oldest = "created_at"


class SessionQuery(ListQuery):
    """Pages of sessions; ``search`` looks into what the program said of itself."""

    sort: SessionSort = SessionSort.last_used


class SessionRead(Schema):
    """One sign-in on one device. ``last_used_at`` is the last time it was refreshed."""

    id: UUID
    user_agent: str
    address: str
    remember_me: bool
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    device: str = Field(description="Program and system, as far as they told: `Firefox on Linux`.")
    is_current: bool = Field(description="Whether this is the session that asks.")
