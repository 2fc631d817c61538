"""Requests in the name of somebody: real accounts, real sessions, real tokens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from app.auth.dependencies import session_service
from app.auth.models import User
from app.auth.sessions import SignedIn
from app.core.caller import Caller
from app.core.db import Database
from app.core.resources import Resources
from tests.factories.auth import make_user


@dataclass(frozen=True)
class Account:
    """Somebody signed in."""

    user: User
    tokens: SignedIn

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request his."""
        return {"Authorization": f"Bearer {self.tokens.access_token}"}

    @property
    def session_id(self) -> UUID:
        return UUID(hex=self.tokens.refresh_token.partition(".")[0])


MakeAccount = Callable[..., Awaitable[Account]]


async def account_of(resources: Resources, user: User, *, remember_me: bool = False) -> Account:
    """The user, signed in over these resources."""
    async with resources.get(Database).transaction() as session:
        sessions = session_service(resources, session)
        tokens = await sessions.open(user, Caller("192.0.2.1", "tests"), remember_me=remember_me)
    return Account(user, tokens)


@pytest.fixture
def as_user(resources: Resources) -> MakeAccount:
    """``await as_user(**changes)``: a new customer, signed in."""

    async def make(**changes: Any) -> Account:
        return await account_of(resources, await make_user(resources.get(Database), **changes))

    return make


@pytest.fixture
def as_admin(as_user: MakeAccount) -> MakeAccount:
    """``await as_admin(**changes)``: a new administrator, signed in."""

    async def make(**changes: Any) -> Account:
        return await as_user(is_admin=True, **changes)

    return make
