"""Profiles, and what is sent to make them."""

from typing import Any
from uuid import uuid4

from app.auth.models import User
from app.core.db import Database
from app.users.models import Profile, UserType
from tests.factories.auth import PASSWORD

LEGAL = {
    "user_type": "legal",
    "company": "Frezer",
    "payment_company_name": "ООО «Фрезер»",
    "payment_inn": "7707083893",
    "payment_kpp": "773601001",
    "payment_ogrn": "1027700132195",
}
BANK = {
    "payment_bik": "044525225",
    "payment_bank_name": "Сбербанк",
    "payment_account": "40702810200000000001",
    "payment_cor_account": "30101810400000000225",
}


def registration(**changes: Any) -> dict[str, Any]:
    """The body of ``POST /register``; a change to ``None`` leaves the field out."""
    body = {
        "email": f"{uuid4().hex}@example.com",
        "password": PASSWORD,
        "full_name": "Anna Petrova",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


async def make_profile(db: Database, *, user: User, **changes: Any) -> Profile:
    """The profile of a person."""
    row = Profile(
        **{"user_id": user.id, "full_name": "Anna Petrova", "user_type": UserType.individual, **changes}
    )
    async with db.transaction() as session:
        session.add(row)
    return row
