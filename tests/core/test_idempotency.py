import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Request, Response
from sqlalchemy import func, select

from app.core.db import Database, ReadSessionDep, SessionDep, after_commit, after_rollback
from app.core.errors import Conflict
from app.core.handlers import install_handlers
from app.core.idempotency import IdempotencyRecord, IdempotentRoute, forget_expired, guard
from app.core.models import new_id
from app.core.resources import Resources
from tests.support.app import WithState

KEY = {"Idempotency-Key": "key-1"}


class Effects:
    """What the endpoint did, as committed or undone."""

    def __init__(self) -> None:
        self.committed: list[str] = []
        self.undone: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()


@pytest.fixture
def effects() -> Effects:
    return Effects()


@pytest.fixture
async def service(live: Database, effects: Effects) -> AsyncIterator[httpx.AsyncClient]:
    router = APIRouter(route_class=IdempotentRoute)

    async def once(request: Request, session: ReadSessionDep) -> None:
        await guard(request, request.headers.get("X-User", "u"), session)

    @router.post("/things", status_code=201, dependencies=[Depends(once)])
    async def make_thing(
        session: SessionDep, response: Response, name: Annotated[str, Body(embed=True)]
    ) -> dict[str, str]:
        await effects.gate.wait()
        if name == "bad":
            raise Conflict
        made = str(new_id())

        async def committed() -> None:
            effects.committed.append(made)

        async def undone() -> None:
            effects.undone.append(made)

        after_commit(session, committed)
        after_rollback(session, undone)
        response.headers["Location"] = f"/things/{made}"
        response.headers["ETag"] = '"1"'
        return {"id": made}

    app = FastAPI()
    install_handlers(app)
    app.include_router(router)
    transport = httpx.ASGITransport(app=WithState(app, resources=Resources(live)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


class TestRepeatedKey:
    async def test_answers_the_same_bytes_and_does_nothing_twice(
        self, service: httpx.AsyncClient, effects: Effects
    ) -> None:
        first = await service.post("/things", json={"name": "a"}, headers=KEY)
        again = await service.post("/things", json={"name": "a"}, headers=KEY)

        assert (again.status_code, again.content) == (201, first.content)
        for header in ("location", "etag", "content-type"):
            assert again.headers[header] == first.headers[header]
        assert effects.committed == [first.json()["id"]]

    async def test_with_another_body_is_refused(self, service: httpx.AsyncClient) -> None:
        await service.post("/things", json={"name": "a"}, headers=KEY)

        answer = await service.post("/things", json={"name": "b"}, headers=KEY)

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-mismatch")

    async def test_of_somebody_else_is_another_key(
        self, service: httpx.AsyncClient, effects: Effects
    ) -> None:
        for user in ("one", "two"):
            await service.post("/things", json={"name": "a"}, headers={**KEY, "X-User": user})

        assert len(effects.committed) == 2

    async def test_after_a_refusal_tries_again(self, service: httpx.AsyncClient, live: Database) -> None:
        first = await service.post("/things", json={"name": "bad"}, headers=KEY)
        async with live.reading() as session:
            stored = (await session.execute(select(func.count(IdempotencyRecord.id)))).scalar_one()
        second = await service.post("/things", json={"name": "good"}, headers=KEY)

        assert (first.status_code, stored, second.status_code) == (409, 0, 201)


class TestTwins:
    async def test_one_effect_and_one_answer(self, service: httpx.AsyncClient, effects: Effects) -> None:
        effects.gate.clear()
        twins = [
            asyncio.create_task(service.post("/things", json={"name": "a"}, headers=KEY)) for _ in range(5)
        ]
        await asyncio.sleep(0.2)
        effects.gate.set()

        answers = await asyncio.gather(*twins)

        assert {answer.status_code for answer in answers} == {201}
        assert {answer.content for answer in answers} == {answers[0].content}
        assert effects.committed == [answers[0].json()["id"]]
        assert len(effects.undone) == 4


class TestKey:
    @pytest.mark.parametrize("key", [b"", b" ", b"x" * 256, "ключ".encode(), b"tab\tinside"])
    async def test_that_is_not_printable_ascii_is_refused(
        self, key: bytes, service: httpx.AsyncClient, effects: Effects
    ) -> None:
        answer = await service.post("/things", json={"name": "a"}, headers=[(b"Idempotency-Key", key)])

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
        assert effects.committed == []

    @pytest.mark.parametrize("key", ["x", "x" * 255, "a b", "~!@#$%^&*()"])
    async def test_may_be_any_printable_ascii(self, key: str, service: httpx.AsyncClient) -> None:
        answer = await service.post("/things", json={"name": "a"}, headers={"Idempotency-Key": key})

        assert answer.status_code == 201

    async def test_whose_time_is_over_is_a_new_key(
        self, service: httpx.AsyncClient, live: Database, effects: Effects
    ) -> None:
        await service.post("/things", json={"name": "a"}, headers=KEY)
        async with live.transaction() as session:
            for record in await session.scalars(select(IdempotencyRecord)):
                record.expires_at = record.created_at

        answer = await service.post("/things", json={"name": "b"}, headers=KEY)

        assert answer.status_code == 201
        assert len(effects.committed) == 2

    async def test_is_forgotten_when_its_time_is_over(
        self, service: httpx.AsyncClient, live: Database
    ) -> None:
        await service.post("/things", json={"name": "a"}, headers=KEY)
        await forget_expired(live)
        async with live.transaction() as session:
            for record in await session.scalars(select(IdempotencyRecord)):
                record.expires_at = record.created_at
        await forget_expired(live)

        async with live.reading() as session:
            left = (await session.execute(select(func.count(IdempotencyRecord.id)))).scalar_one()

        assert left == 0
