"""What the tests of signing in say and look at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from app.auth.cookies import COOKIE
from app.auth.models import Session, User
from app.core.config import Settings
from app.core.db import Database
from app.core.jobs.queue import JobQueue
from app.core.jobs.registry import Registry
from app.core.jobs.runner import Runner
from app.core.resources import Resources
from tests.support.smtp import MailServer

LOGIN = "/api/v1/login"
REFRESH = "/api/v1/refresh"
LOGOUT = "/api/v1/logout"
CHANGE = "/api/v1/password/change"
PROFILE = "/api/v1/profile"
REGISTER = "/api/v1/register"
SESSIONS = "/api/v1/sessions"
SEND_CONFIRMATION = "/api/v1/email/send-confirmation"
CONFIRM = "/api/v1/email/confirm"
SEND_RECOVERY = "/api/v1/password/send-recovery"
RESET = "/api/v1/password/reset"
KEYS = "/api/v1/api-keys"
CHECK = "/api/v1/auth/check"
TOKEN = re.compile(r"#token=([\w-]{43})\b")

Client = httpx.AsyncClient


def cookie_of(response: httpx.Response) -> "Morsel[str]":
    (header,) = response.headers.get_list("set-cookie")
    return SimpleCookie(header)[COOKIE]


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={token}"}


async def new_key(client: Client, headers: Mapping[str, str]) -> httpx.Response:
    """What is answered to somebody who wants a key."""
    return await client.post(KEYS, json={"name": "robot", "scopes": ["orders:read"]}, headers=headers)


async def holds(client: Client, key: str) -> bool:
    """Whether a program with this key is let in."""
    return (await client.get(CHECK, headers={"X-API-Key": key})).is_success


async def sessions_of(db: Database, user: User) -> list[Session]:
    async with db.reading() as session:
        return list(await session.scalars(select(Session).where(Session.user_id == user.id)))


async def change_user(db: Database, user_id: UUID, **values: Any) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).where(User.id == user_id).values(**values))


@dataclass(frozen=True)
class House:
    """An installation as its customers see it, and what only we see."""

    client: Client
    resources: Resources
    db: Database
    post: MailServer

    @property
    def settings(self) -> Settings:
        return self.resources.get(Settings)

    async def work_off(self) -> None:
        """Run the jobs that are due, and those they bring."""
        queue = JobQueue(self.db, self.resources.get(Registry), worker="tests", lease_seconds=30)
        await queue.open()
        runner = Runner(queue, self.resources)
        while claimed := await queue.claim(1):
            for job in claimed:
                await runner.run(job)

    async def letters(self) -> list[str]:
        """The texts of all letters that have arrived by now."""
        await self.work_off()
        return [received.text for received in self.post.received]

    async def token(self) -> str:
        """What the link of the last letter carries."""
        found = TOKEN.search((await self.letters())[-1])
        assert found is not None
        return found[1]

    async def login(self, email: str, password: str) -> httpx.Response:
        return await self.client.post(LOGIN, json={"email": email, "password": password})
