"""Whoever looks for attackers finds them in the log."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog

from app.core.db import Database
from tests.factories.auth import PASSWORD, make_user
from tests.security.world import World

Client = httpx.AsyncClient


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


class TestSignIns:
    async def test_are_told_whether_they_succeed_or_not(
        self, client: Client, db: Database, logs: list[Any]
    ) -> None:
        user = await make_user(db)
        for password in ("nobody knows it", PASSWORD):
            await client.post("/api/v1/login", json={"email": user.email, "password": password})

        told = [line for line in logs if line["event"] != "request"]
        events = [(line["event"], line.get("code"), line.get("user_id")) for line in told]

        assert events == [("refused", "login-refused", None), ("signed in", None, str(user.id))]
        assert PASSWORD not in str(logs)


class TestRefusals:
    @pytest.mark.parametrize(
        ("who", "code"),
        [("stranger", "unauthenticated"), ("anna", "forbidden"), ("robot", "unauthenticated")],
    )
    async def test_are_told_with_what_was_asked(
        self, client: Client, world: World, logs: list[Any], who: str, code: str
    ) -> None:
        logs.clear()
        await client.get("/api/v1/users?search=canary", headers=dict(world.identities[who]))

        (line,) = [line for line in logs if line["event"] == "refused"]
        assert (line["code"], line["method"]) == (code, "GET")
        assert line["path"] == "/api/v1/users"
