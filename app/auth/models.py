"""Accounts and the sessions they are signed in with."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Record, stored_enum

EMAIL_CHARS = 254
"""The longest address that can be delivered to (RFC 5321, 4.5.3.1.3)."""
USERNAME_CHARS = 64
USER_AGENT_CHARS = 255


class UserStatus(StrEnum):
    """Whether an account may be used; a deleted one keeps its rows."""

    active = "active"
    blocked = "blocked"
    deleted = "deleted"


class User(Record):
    """An account: what is needed to sign in and nothing else.

    ``email_key`` and ``username_key`` are the lower-case forms by which accounts are found and kept apart
    (lower case may be longer: ``İ`` becomes two characters). Raising ``token_version`` ends every access
    token at once. ``version`` rises with every change of the account or its profile that people make.
    """

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(EMAIL_CHARS))
    email_key: Mapped[str] = mapped_column(String(2 * EMAIL_CHARS), unique=True)
    username: Mapped[str | None] = mapped_column(String(USERNAME_CHARS))
    username_key: Mapped[str | None] = mapped_column(String(USERNAME_CHARS), unique=True)
    password_hash: Mapped[str] = mapped_column(String(128))
    is_admin: Mapped[bool] = mapped_column(default=False)
    status: Mapped[UserStatus] = mapped_column(stored_enum(UserStatus), default=UserStatus.active)
    token_version: Mapped[int] = mapped_column(default=1)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None]
    email_confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @property
    def password_since(self) -> datetime:
        """Since when this password is in use."""
        return self.password_changed_at or self.created_at

    @property
    def is_active(self) -> bool:
        """Whether this account may sign in."""
        return self.status is UserStatus.active


class Session(Record):
    """One sign-in on one device, carried on by refresh tokens that replace each other.

    Of the tokens only SHA-256 digests are kept: of the one in use and of the one it replaced at
    ``rotated_at``, which still works for some seconds.
    """

    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    refresh_digest: Mapped[str] = mapped_column(String(64))
    previous_digest: Mapped[str | None] = mapped_column(String(64))
    rotated_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    remember_me: Mapped[bool] = mapped_column(default=False)
    user_agent: Mapped[str] = mapped_column(String(USER_AGENT_CHARS), default="")
    address: Mapped[str] = mapped_column(String(64), default="")

    def is_alive(self, moment: datetime) -> bool:
        """Whether it was neither ended nor forgotten by then."""
        return self.revoked_at is None and moment < self.expires_at


class LinkPurpose(StrEnum):
    """What whoever has the link of a letter may do."""

    confirm = "confirm"
    recover = "recover"


class EmailLink(Record):
    """The one link of its kind that works for an account; it goes when it is used.

    Of its token only the SHA-256 digest is kept. ``recipient_key`` is the address it was sent to: it says
    nothing of another one.
    """

    __tablename__ = "email_links"
    __table_args__ = (UniqueConstraint("user_id", "purpose"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    purpose: Mapped[LinkPurpose] = mapped_column(stored_enum(LinkPurpose))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    recipient_key: Mapped[str] = mapped_column(String(2 * EMAIL_CHARS))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class KeyScope(StrEnum):
    """What a program may do with a key of its owner."""

    orders_read = "orders:read"
    """See the orders of the owner."""
    catalog_read = "catalog:read"
    """See rates, purchase prices and the cost view of prices; keys of administrators only."""


class ApiKey(Record):
    """What a program signs in with, in the name of its owner.

    ``prefix`` is the part that is shown and by which the key is found; of the whole only the SHA-256 digest
    is kept.
    """

    __tablename__ = "api_keys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


def key_of(name: str) -> str:
    """The form in which e-mail addresses and user names are compared."""
    return name.strip().lower()
