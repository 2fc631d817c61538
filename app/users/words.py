"""What a profile tells of a person, for checking passwords against."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Enum, String
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from app.auth.own_words import OwnWords
from app.users.models import Profile
from app.users.repository import ProfileRepository

TEXTS = [
    column.name
    for column in Profile.__table__.columns
    if isinstance(column.type, String) and not isinstance(column.type, Enum)
]


class ProfileWords(OwnWords):
    """The texts of profiles."""

    @override
    async def of(self, session: AsyncSession, user_id: UUID) -> list[str]:
        profile = await ProfileRepository(session).find(user_id)
        return [] if profile is None else own_words(profile)


def own_words(profile: Profile) -> list[str]:
    """Every text of the profile."""
    return texts_of({name: getattr(profile, name) for name in TEXTS})


def texts_of(details: Mapping[str, Any]) -> list[str]:
    """Every text among these details of a profile, by the names of its columns."""
    return [details[name] for name in TEXTS if isinstance(details.get(name), str)]
