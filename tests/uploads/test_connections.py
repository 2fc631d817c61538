"""Connections that break or crawl, over a real server; connections to the database that are few."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.config import DatabaseSection, ServerSection, Settings
from app.core.db import Database, open_database
from app.core.resources import Resources
from app.core.storage import Storage
from app.main import create_app
from tests.factories.auth import make_user
from tests.factories.files import stl
from tests.support.app import WithState, client_of, resources_over
from tests.support.auth import account_of
from tests.support.calculator import StandInCalculator
from tests.support.sockets import served
from tests.uploads.calls import KIND, Tus

CONTENT = stl(200)
CAME = 3000
FILES = "/api/v1/files"
MULTIPART = "multipart/form-data; boundary=b"
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.stl"\r\n\r\n'
LONGEST_SECONDS = 20.0


class Ending:
    """An application that tells when it is through with a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            self.ended.set()


@dataclass
class Line:
    """A server, and a client of its application that needs no connection."""

    port: int
    tus: Tus
    resources: Resources
    ended: asyncio.Event

    async def begin(
        self, method: str, path: str, body: bytes, **headers: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A request that announces more than it sends, and sends nothing before it is waited for."""
        said = {
            "Host": "test",
            "Content-Length": str(len(FORM) + len(CONTENT)),
            "Expect": "100-continue",
            **self.tus.headers,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode())
        assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(body)
        await writer.drain()
        return reader, writer

    async def broken(self, method: str, path: str, body: bytes, **headers: str) -> None:
        """The connection closes in the middle of the body; the server is through with it."""
        async with asyncio.timeout(LONGEST_SECONDS):
            _, writer = await self.begin(method, path, body, **headers)
            writer.close()
            await writer.wait_closed()
            await self.ended.wait()

    async def silent(self, method: str, path: str, body: bytes, **headers: str) -> bytes:
        """The client stops sending in the middle of the body; what it is told."""
        async with asyncio.timeout(LONGEST_SECONDS):
            reader, writer = await self.begin(method, path, body, **headers)
            status = await reader.readline()
            writer.close()
            await self.ended.wait()
            return status

    async def holds_nothing(self) -> bool:
        """Whether there is neither a row nor a byte."""
        listed = await self.tus.client.get(FILES, headers=self.tus.headers)
        return listed.json()["total"] == 0 and await self.resources.get(Storage).keys() == []


@asynccontextmanager
async def line(
    settings: Settings, live: Database, calculator: StandInCalculator, storage: Storage, pause_seconds: float
) -> AsyncIterator[Line]:
    server = ServerSection(client_pause_seconds=pause_seconds)
    app = create_app(settings.model_copy(update={"server": server}))
    async with resources_over(settings, live, calculator) as resources:
        resources.add(storage)
        account = await account_of(resources, await make_user(live))
        ending = Ending(WithState(app, resources=resources))
        config = uvicorn.Config(ending, port=0, lifespan="off", log_level="error")
        async with served(config) as port, client_of(app, resources) as client:
            yield Line(port, Tus(client, account), resources, ending.ended)


@pytest.fixture
async def patient(
    settings: Settings, live: Database, calculator: StandInCalculator, storage: Storage
) -> AsyncIterator[Line]:
    async with line(settings, live, calculator, storage, LONGEST_SECONDS) as opened:
        yield opened


@pytest.fixture
async def impatient(
    settings: Settings, live: Database, calculator: StandInCalculator, storage: Storage
) -> AsyncIterator[Line]:
    async with line(settings, live, calculator, storage, 0.3) as opened:
        yield opened


class TestBroken:
    async def test_a_resumable_upload_keeps_what_came(self, patient: Line) -> None:
        location = await patient.tus.begun(CONTENT)

        await patient.broken("PATCH", location, CONTENT[:CAME], Upload_Offset="0", Content_Type=KIND)

        assert await patient.tus.offset(location) == CAME
        answer = await patient.tus.patch(location, CAME, CONTENT[CAME:])
        assert answer.status_code == 204
        assert await patient.tus.downloaded(answer.headers["X-File-ID"]) == CONTENT

    async def test_any_other_leaves_nothing(self, patient: Line) -> None:
        await patient.broken("POST", FILES, FORM + CONTENT[:CAME], Content_Type=MULTIPART)

        assert await patient.holds_nothing()


class TestSilent:
    async def test_a_resumable_upload_is_cut_and_keeps_what_came(self, impatient: Line) -> None:
        location = await impatient.tus.begun(CONTENT)
        said = {"Upload_Offset": "0", "Content_Type": KIND}

        status = await impatient.silent("PATCH", location, CONTENT[:CAME], **said)

        assert b" 408 " in status
        assert await impatient.tus.offset(location) == CAME

    async def test_any_other_is_cut_and_leaves_nothing(self, impatient: Line) -> None:
        status = await impatient.silent("POST", FILES, FORM + CONTENT[:CAME], Content_Type=MULTIPART)

        assert b" 408 " in status
        assert await impatient.holds_nothing()


async def test_one_connection_to_the_database_is_enough_for_a_file_to_come_in(
    application: FastAPI, settings: Settings, live: Database, calculator: StandInCalculator, storage: Storage
) -> None:
    url = SecretStr(live.engine.url.render_as_string(hide_password=False))
    database = open_database(DatabaseSection(url=url, pool_size=1, pool_wait_seconds=0.5))
    async with resources_over(settings, database, calculator) as resources:
        resources.add(storage)
        account = await account_of(resources, await make_user(live))
        async with client_of(application, resources) as client:
            tus = Tus(client, account)

            resumed = await tus.patch(await tus.begun(CONTENT), 0, CONTENT)
            whole = await client.post(FILES, files={"file": ("a.stl", CONTENT)}, headers=account.headers)

    await database.close()
    assert (resumed.status_code, whole.status_code) == (204, 201)
