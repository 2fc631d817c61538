"""A database that lets its statements wait, over connections of its own."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from app.core.config import DatabaseSection
from app.core.db import Database, ReadSessionDep, SessionDep, open_database
from app.core.handlers import UnexpectedFailures, install_handlers
from app.core.resources import Resources
from tests.support.app import WithState
from tests.support.database import ON_POSTGRES

TABLE = "idempotency_keys"


def application() -> FastAPI:
    app = FastAPI()
    install_handlers(app)

    @app.post("/write")
    async def write(session: SessionDep) -> int:
        return int((await session.execute(text(f"DELETE FROM {TABLE}"))).rowcount)  # type: ignore[attr-defined]

    @app.get("/backend")
    async def backend(session: ReadSessionDep) -> int:
        return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    return app


@pytest.fixture
async def client(live: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Of an application with one connection and little patience."""
    url = SecretStr(live.engine.url.render_as_string(hide_password=False))
    patience = {"statement_seconds": 0.3, "pool_wait_seconds": 0.3}
    database = open_database(DatabaseSection(url=url, pool_size=1, **patience))
    app = UnexpectedFailures(WithState(application(), resources=Resources(database)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as opened:
        yield opened
    await database.close()


@asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """The table is taken by somebody else; on SQLite that is the whole database."""
    async with database.writes() as session:
        await session.execute(
            text(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE" if ON_POSTGRES else "SELECT 1")
        )
        yield
        await session.rollback()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def is_busy(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"], "retry-after" in answer.headers) == (
        503,
        "database-busy",
        True,
    )


async def test_a_statement_that_waits_too_long_for_a_lock_is_busy(
    live: Database, client: httpx.AsyncClient
) -> None:
    assert (await client.post("/write")).status_code == 200

    async with locked(live):
        assert is_busy(await client.post("/write"))

    assert (await client.post("/write")).status_code == 200


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server")
@pytest.mark.skipif("MILLWRIGHT_TEST_POSTGRES" in os.environ, reason="the server may be on another machine")
async def test_a_server_that_hangs_is_busy_until_it_goes_on(client: httpx.AsyncClient) -> None:
    pid = (await client.get("/backend")).json()

    with stopped(pid):
        assert is_busy(await client.get("/backend"))
        assert (await client.get("/backend")).status_code == 200

    assert (await client.post("/write")).status_code == 200
