"""What the tests of signing in say and look at."""

from http.cookies import Morsel, SimpleCookie
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from app.auth.cookies import COOKIE
from app.auth.models import Session, User
from app.core.db import Database

LOGIN = "/api/v1/login"
REFRESH = "/api/v1/refresh"
LOGOUT = "/api/v1/logout"
CHANGE = "/api/v1/password/change"
PROFILE = "/api/v1/profile"

Client = httpx.AsyncClient


def cookie_of(response: httpx.Response) -> "Morsel[str]":
    (header,) = response.headers.get_list("set-cookie")
    return SimpleCookie(header)[COOKIE]


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={token}"}


async def sessions_of(db: Database, user: User) -> list[Session]:
    async with db.reading() as session:
        return list(await session.scalars(select(Session).where(Session.user_id == user.id)))


async def change_user(db: Database, user_id: UUID, **values: Any) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).where(User.id == user_id).values(**values))
