"""Progress as a browser hears it: over a real server, from any process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.config import DatabaseSection, Settings
from app.core.db import Database, open_database
from app.core.resources import Resources
from app.core.storage import Storage
from app.core.streams import Streams
from app.files import progress
from app.files.schemas import FileRead
from tests.factories.auth import make_user
from tests.factories.files import make_file
from tests.support.app import WithState, resources_over
from tests.support.auth import Account, account_of
from tests.support.calculator import StandInCalculator, refusal
from tests.support.jobs import run_jobs
from tests.support.sockets import served

PATIENT = 30.0


@dataclass(frozen=True)
class Heard:
    """One event of a stream."""

    id: str
    event: str
    data: dict[str, Any]


async def heard(answer: httpx.Response) -> AsyncIterator[Heard]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line and "data" in fields:
            yield Heard(fields["id"], fields.get("event", "message"), json.loads(fields["data"]))
        if not line:
            fields = {}
        name, _, value = line.partition(": ")
        fields[name] = value


@asynccontextmanager
async def process(
    application: FastAPI, settings: Settings, live: Database, shared: Resources, calculator: StandInCalculator
) -> AsyncIterator[str]:
    """The address of one more process of the API over the same database and storage."""
    url = live.engine.url.render_as_string(hide_password=False)
    database = open_database(DatabaseSection(url=SecretStr(url)))
    patient = settings.model_copy(
        update={"server": settings.server.model_copy(update={"stream_seconds": PATIENT})}
    )
    async with resources_over(patient, database, calculator) as resources:
        resources.add(shared.get(Storage))
        app = WithState(application, resources=resources)
        config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        async with served(config) as port:
            yield f"http://127.0.0.1:{port}"
    await database.close()


@pytest.fixture
async def address(
    application: FastAPI,
    settings: Settings,
    live: Database,
    live_resources: Resources,
    calculator: StandInCalculator,
) -> AsyncIterator[str]:
    async with process(application, settings, live, live_resources, calculator) as one:
        yield one


@pytest.fixture
async def owner(live_resources: Resources) -> Account:
    return await account_of(live_resources, await make_user(live_resources.get(Database)))


@pytest.fixture
async def file(live_resources: Resources, owner: Account) -> FileRead:
    return await make_file(live_resources, owner_id=owner.id)


@asynccontextmanager
async def following(
    address: str, file: FileRead, last_id: str | None = None
) -> AsyncIterator[AsyncIterator[Heard]]:
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=20) as client,
        client.stream("GET", address + file.links.events, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield heard(answer)


class TestDescription:
    def test_names_the_events_and_what_their_text_holds(self, application: FastAPI) -> None:
        document = application.openapi()
        told = document["paths"]["/api/v1/files/{file_id}/events"]["get"]["responses"]["200"]["content"]
        shapes = {
            name: document["components"]["schemas"][name]["properties"]
            for name in ("ProgressEvent", "EndEvent", "FileProgress")
        }

        assert list(told) == ["text/event-stream"]
        assert told["text/event-stream"]["schema"]["type"] == "object"
        named = {part["$ref"].rpartition("/")[2] for part in told["text/event-stream"]["schema"]["anyOf"]}
        assert named == {"ProgressEvent", "EndEvent"}
        assert shapes["ProgressEvent"]["data"]["contentSchema"] == {
            "$ref": "#/components/schemas/FileProgress"
        }
        assert shapes["FileProgress"].keys() == {"status", "failure", "preview", "model", "done"}

    def test_has_examples_that_hold_what_they_should(self) -> None:
        for name, example in progress.EXAMPLES.items():
            if name != progress.END:
                state = progress.FileProgress.model_validate_json(example["data"])
                assert (state.status, state.event_id) == (name, example["id"])


class TestStream:
    async def test_tells_every_state_up_to_the_end(
        self, address: str, file: FileRead, live_resources: Resources, calculator: StandInCalculator
    ) -> None:
        calculator.free = asyncio.Event()
        async with following(address, file) as events:
            first = await anext(events)
            jobs = asyncio.create_task(run_jobs(live_resources))
            second = await anext(events)
            calculator.free.set()
            rest = [event async for event in events]
            await jobs

        assert (first.data["status"], first.data["done"]) == ("stored", False)
        assert second.data["status"] == "analysing"
        *_, last, end = rest
        assert last.data == {"status": "ready", "failure": None, "preview": True, "model": True, "done": True}
        assert (end.event, end.id) == ("end", last.id)

    async def test_of_a_part_that_cannot_be_read_ends_with_the_reason(
        self, address: str, file: FileRead, live_resources: Resources, calculator: StandInCalculator
    ) -> None:
        calculator.analysis_answer = refusal(422, "cad-invalid", "There is no solid in it.")
        await run_jobs(live_resources)

        async with following(address, file) as events:
            last, end = [event async for event in events]

        assert last.data["failure"]["code"] == "cad-invalid"
        assert last.data["failure"]["message"].startswith("There is no solid in it. Check that ")
        assert (last.data["status"], end.event) == ("failed", "end")

    async def test_goes_on_in_another_process_where_it_was_left(
        self,
        application: FastAPI,
        settings: Settings,
        live: Database,
        address: str,
        file: FileRead,
        live_resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        async with following(address, file) as events:
            known = await anext(events)
        async with (
            process(application, settings, live, live_resources, calculator) as other,
            following(other, file, known.id) as events,
        ):
            await run_jobs(live_resources)
            rest = [event async for event in events]

        assert known.data["status"] == "stored"
        assert known.id not in {event.id for event in rest}
        assert rest[-1].event == "end"

    async def test_is_not_begun_for_who_knows_the_end(
        self, address: str, file: FileRead, live_resources: Resources
    ) -> None:
        await run_jobs(live_resources)
        async with following(address, file) as events:
            *_, end = [event async for event in events]

        async with httpx.AsyncClient(trust_env=False) as client:
            again = await client.get(address + file.links.events, headers={"Last-Event-ID": end.id})

        assert (again.status_code, again.content) == (204, b"")

    async def test_of_a_file_that_is_deleted_ends(self, address: str, file: FileRead, owner: Account) -> None:
        async with following(address, file) as events, httpx.AsyncClient(trust_env=False) as client:
            await anext(events)
            await client.delete(f"{address}/api/v1/files/{file.id}", headers=owner.headers)
            rest = [event async for event in events]
            gone = await client.get(address + file.links.events)

        assert rest == []
        assert gone.status_code == 404

    async def test_beats_while_there_is_no_news(
        self, file: FileRead, live_resources: Resources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "HEARTBEAT_SECONDS", 0.0)
        monkeypatch.setattr(progress, "LOOK_SECONDS", 0.0)
        state = progress.FileProgress(status="stored", failure=None, preview=False, model=False, done=False)

        async def look() -> progress.FileProgress:
            return state

        chunks = progress.events(look, state.event_id, PATIENT, lambda: False)
        first = [await anext(chunks) for _ in range(3)]
        await chunks.aclose()

        assert first == [b"retry: 2000\n\n", b": ping\n\n", b": ping\n\n"]

    async def test_holds_no_server_up_that_was_told_to_stop(self) -> None:
        state = progress.FileProgress(status="stored", failure=None, preview=False, model=False, done=False)

        async def look() -> progress.FileProgress:
            return state

        told = [chunk async for chunk in progress.events(look, None, PATIENT, lambda: True)]

        assert len(told) == 2
        assert told[1].startswith(b"data: ")


async def test_streams_leave_places_for_others(
    file: FileRead, live_client: httpx.AsyncClient, live_resources: Resources
) -> None:
    live_resources.add(Streams(0))

    answer = await live_client.get(file.links.events)

    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert "retry-after" in answer.headers
