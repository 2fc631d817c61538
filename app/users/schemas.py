"""Profiles, on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AliasChoices,
    EmailStr,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema

from app.auth.models import EMAIL_CHARS, USERNAME_CHARS
from app.auth.schemas import NewPassword
from app.core.schemas import STRIPPED, OneLine, Schema
from app.users.models import UserType


def _blank_is_none(value: Any) -> Any:  # noqa: ANN401 - runs before validation
    return None if isinstance(value, str) and not value.strip() else value


class BlankIsNone:
    """Blank text is taken as nothing, and the JSON Schema says that it may be sent."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Empty the blank before the value is looked at."""
        return core_schema.no_info_before_validator_function(_blank_is_none, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What the value may be, or blank."""
        described = handler(schema)
        return {"anyOf": [*described.get("anyOf", [described]), {"type": "string", "pattern": r"^\s*$"}]}


Email = Annotated[EmailStr, Field(max_length=EMAIL_CHARS)]
FullName = Annotated[str, STRIPPED, Field(min_length=1, max_length=200), OneLine]
Username = Annotated[
    str, STRIPPED, Field(max_length=USERNAME_CHARS, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,}$")
]
Phone = Annotated[
    str,
    STRIPPED,
    Field(max_length=64, description="As people write it; kept as E.164, such as `+79123456789`."),
    OneLine,
]
Long = Annotated[str, STRIPPED, Field(max_length=200), OneLine]
Place = Annotated[str, STRIPPED, Field(max_length=100), OneLine]
Short = Annotated[str, STRIPPED, Field(max_length=32), OneLine]
Code = Annotated[str, STRIPPED, Field(max_length=20), OneLine]
"""Digits of a bank or an authority; how many is said by `app.users.legal`."""


class ProfileDetails(Schema):
    """What may be told and may be cleared again; blank means nothing."""

    username: Annotated[Username | None, BlankIsNone] = None
    phone: Annotated[Phone | None, BlankIsNone] = None
    company: Annotated[Long | None, BlankIsNone] = None
    city: Annotated[Place | None, BlankIsNone] = None
    region: Annotated[Place | None, BlankIsNone] = None
    street: Annotated[Long | None, BlankIsNone] = None
    building: Annotated[Short | None, BlankIsNone] = None
    office: Annotated[Short | None, BlankIsNone] = None
    postal: Annotated[Annotated[str, STRIPPED, Field(max_length=16), OneLine] | None, BlankIsNone] = None
    payment_company_name: Annotated[Long | None, BlankIsNone] = None
    payment_inn: Annotated[Code | None, BlankIsNone] = None
    payment_kpp: Annotated[Code | None, BlankIsNone] = None
    payment_ogrn: Annotated[Code | None, BlankIsNone] = None
    payment_bik: Annotated[Code | None, BlankIsNone] = None
    payment_bank_name: Annotated[Long | None, BlankIsNone] = None
    payment_account: Annotated[Code | None, BlankIsNone] = None
    payment_cor_account: Annotated[Code | None, BlankIsNone] = None


class ProfileCreate(ProfileDetails):
    """A new account. Legal entities also need company, payment name, INN, OGRN and, if they have one, KPP."""

    email: Email
    password: NewPassword
    full_name: FullName
    user_type: UserType = UserType.individual


class ProfileUpdate(ProfileDetails):
    """What to change: a field left out stays, ``null`` clears it."""

    full_name: FullName | None = None
    user_type: UserType | None = None

    @field_validator("full_name", "user_type")
    @classmethod
    def _not_cleared(cls, value: object) -> object:
        if value is None:
            raise ValueError("cannot be cleared")
        return value


class ProfileRead(Schema):
    """An account and who is behind it."""

    id: UUID = Field(validation_alias=AliasChoices("user_id", "id"))
    version: int = Field(description="Rises with every change; the `ETag` of this.")
    email: str
    username: str | None
    is_admin: bool
    full_name: str
    phone: str | None
    user_type: UserType
    company: str | None
    city: str | None
    region: str | None
    street: str | None
    building: str | None
    office: str | None
    postal: str | None
    payment_company_name: str | None
    payment_inn: str | None
    payment_kpp: str | None
    payment_ogrn: str | None
    payment_bik: str | None
    payment_bank_name: str | None
    payment_account: str | None
    payment_cor_account: str | None
    created_at: datetime
