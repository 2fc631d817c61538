from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI

from app.core.clock import now
from app.core.config import Settings
from app.core.db import Database
from tests.auth.calls import House
from tests.support.app import client_of, resources_over
from tests.support.calculator import StandInCalculator
from tests.support.smtp import HOST, MailServer, mail_server

OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture
def clock() -> Iterator[Callable[[float], None]]:
    """Moves the time forward by so many seconds."""
    with time_machine.travel(now(), tick=False) as travelled:
        yield lambda seconds: travelled.shift(timedelta(seconds=seconds))


@pytest.fixture
async def post() -> AsyncIterator[MailServer]:
    """Where the letters of this test arrive."""
    async with mail_server() as server:
        yield server


@pytest.fixture
async def open_house(
    application: FastAPI, settings: Settings, live: Database, calculator: StandInCalculator, post: MailServer
) -> AsyncIterator[OpenHouse]:
    """``await open_house(auth={"confirm_email": True})``: an installation with real commits and letters."""
    mail = {"host": HOST, "port": post.port, "security": "none", "sender": "shop@shop.example"}
    async with AsyncExitStack() as stack:

        async def opened(**sections: dict[str, Any]) -> House:
            changed = {
                name: type(getattr(settings, name)).model_validate(
                    getattr(settings, name).model_dump() | values
                )
                for name, values in {**sections, "mail": mail | sections.get("mail", {})}.items()
            }
            own = settings.model_copy(update=changed)
            resources = await stack.enter_async_context(resources_over(own, live, calculator))
            client = await stack.enter_async_context(client_of(application, resources))
            return House(client, resources, live, post)

        yield opened
