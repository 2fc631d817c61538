import asyncio
import base64
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from app.core.config import Settings
from app.core.db import Database
from app.core.job_tables import JobStatus
from app.core.jobs import JobContext, Retry, on
from app.core.resources import Resources
from app.files.events import FileStored
from app.orders.events import OrderPlaced
from tests.factories.auth import make_user
from tests.factories.files import STEP
from tests.orders.test_router import place
from tests.support.app import client_of, resources_over
from tests.support.auth import MakeAccount, account_of
from tests.support.calculator import StandInCalculator
from tests.support.jobs import Workshop

seen: list[UUID] = []


@on(OrderPlaced, name="tests.see_order")
async def see_order(_: JobContext, event: OrderPlaced) -> None:
    seen.append(event.order_id)


@on(FileStored, name="tests.see_file")
async def see_file(_: JobContext, event: FileStored) -> None:
    seen.append(event.file_id)


def with_jobs(resources: Resources, *handlers: Any) -> Workshop:
    """These subscribers and no others."""
    workshop = Workshop(resources.get(Database), *handlers)
    resources.add(workshop.registry)
    return workshop


class TestPublished:
    async def test_an_order_and_the_file_sent_along_are_told_of(
        self, client: httpx.AsyncClient, resources: Resources, as_user: MakeAccount
    ) -> None:
        workshop = with_jobs(resources, see_order, see_file)
        user = await as_user()
        part = {"name": "part.step", "data": base64.b64encode(STEP).decode()}

        answer = await place(client, user, dimensions=None, file=part)

        assert answer.status_code == 201, answer.text
        assert [(job.event, job.payload) for job in await workshop.jobs()] == [
            ("files.file_stored", {"file_id": answer.json()["file_id"]}),
            ("orders.order_placed", {"order_id": answer.json()["id"]}),
        ]

    async def test_an_upload_is_told_of(
        self, client: httpx.AsyncClient, resources: Resources, as_user: MakeAccount
    ) -> None:
        workshop = with_jobs(resources, see_file)
        user = await as_user()

        answer = await client.post("/api/v1/files", headers=user.headers, files={"file": ("a.step", STEP)})

        assert [job.payload for job in await workshop.jobs()] == [{"file_id": answer.json()["id"]}]

    async def test_a_refused_order_is_not_told_of(
        self, client: httpx.AsyncClient, resources: Resources, as_user: MakeAccount
    ) -> None:
        workshop = with_jobs(resources, see_order)
        user = await as_user()

        assert (await place(client, user, quote_hash="0" * 64)).status_code == 409
        assert await workshop.jobs() == []

    async def test_a_repeated_order_is_told_of_once(
        self, client: httpx.AsyncClient, resources: Resources, as_user: MakeAccount
    ) -> None:
        workshop = with_jobs(resources, see_order)
        user = await as_user()

        for _ in range(2):
            assert (await place(client, user, key="one order")).status_code == 201

        assert len(await workshop.jobs()) == 1


class TestBadSubscribers:
    async def test_a_failing_and_a_hanging_one_never_touch_the_request(
        self, application: FastAPI, settings: Settings, live: Database, calculator: StandInCalculator
    ) -> None:
        begun = asyncio.Event()

        @on(OrderPlaced, name="tests.fail", retry=Retry(attempts=1))
        async def fail(_: JobContext, __: OrderPlaced) -> None:
            raise ValueError("no")

        @on(OrderPlaced, name="tests.hang")
        async def hang(_: JobContext, __: OrderPlaced) -> None:
            begun.set()
            await asyncio.Event().wait()

        async with resources_over(settings, live, calculator) as resources:
            workshop = with_jobs(resources, fail, hang, see_order)
            user = await account_of(resources, await make_user(live))
            async with client_of(application, resources) as client, workshop.working(stop_seconds=0):
                first = await place(client, user)
                await begun.wait()
                second = await place(client, user)
                read = await client.get(first.headers["location"], headers=user.headers)

        assert (first.status_code, second.status_code, read.status_code) == (201, 201, 200)
        assert JobStatus.dead in await workshop.statuses()
