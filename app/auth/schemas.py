"""Signing in, on the wire."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.auth.models import EMAIL_CHARS
from app.contract.base import STORABLE
from app.core.schemas import Schema

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 256

NewPassword = Annotated[str, Field(min_length=MIN_PASSWORD_CHARS, max_length=MAX_PASSWORD_CHARS), STORABLE]
GivenPassword = Annotated[str, Field(max_length=1024), STORABLE]
"""A password to be checked: may be anything, since an old one followed older rules."""
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
        return self.email or self.username or ""


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
