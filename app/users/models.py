"""Who is behind an account: a person, or a firm with its bank."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import User, UserStatus
from app.core.models import Record, stored_enum


class UserType(StrEnum):
    """Whether somebody orders for himself or for a legal entity."""

    individual = "individual"
    legal = "legal"


class Profile(Record):
    """Everything about a user that is not needed to sign in; payment details are as the bank writes them."""

    __tablename__ = "profiles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), unique=True)
    full_name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(32))
    user_type: Mapped[UserType] = mapped_column(stored_enum(UserType), default=UserType.individual)
    company: Mapped[str | None] = mapped_column(String(200))
    city: Mapped[str | None] = mapped_column(String(100))
    region: Mapped[str | None] = mapped_column(String(100))
    street: Mapped[str | None] = mapped_column(String(200))
    building: Mapped[str | None] = mapped_column(String(32))
    office: Mapped[str | None] = mapped_column(String(32))
    postal: Mapped[str | None] = mapped_column(String(16))
    payment_company_name: Mapped[str | None] = mapped_column(String(200))
    payment_inn: Mapped[str | None] = mapped_column(String(12))
    payment_kpp: Mapped[str | None] = mapped_column(String(9))
    payment_ogrn: Mapped[str | None] = mapped_column(String(15))
    payment_bik: Mapped[str | None] = mapped_column(String(9))
    payment_bank_name: Mapped[str | None] = mapped_column(String(200))
    payment_account: Mapped[str | None] = mapped_column(String(20))
    payment_cor_account: Mapped[str | None] = mapped_column(String(20))

    user: Mapped[User] = relationship(User, lazy="raise")

    @property
    def version(self) -> int:
        """The version of the account, which counts changes of the profile too."""
        return self.user.version

    @property
    def email(self) -> str:
        """The address of the account."""
        return self.user.email

    @property
    def username(self) -> str | None:
        """The user name of the account."""
        return self.user.username

    @property
    def is_admin(self) -> bool:
        """Whether the account administers this installation."""
        return self.user.is_admin

    @property
    def status(self) -> UserStatus:
        """Whether the account may be used."""
        return self.user.status

    @property
    def must_change_password(self) -> bool:
        """Whether the account can do nothing but change its password."""
        return self.user.must_change_password

    @property
    def is_email_confirmed(self) -> bool:
        """Whether the owner of the account was reached at its address."""
        return self.user.email_confirmed_at is not None
