import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.config import DatabaseSection
from app.core.db import Database, ReadSessionDep, after_commit, after_rollback, open_database, release
from app.core.errors import AppError, DatabaseUnavailable
from app.core.idempotency import IdempotencyRecord
from app.core.models import new_id
from app.core.resources import Resources
from tests.support.app import WithState


def record(key: str) -> IdempotencyRecord:
    return IdempotencyRecord(
        scope="s",
        route="r",
        key=key,
        body_sha256="0" * 64,
        status=201,
        headers={},
        body=b"",
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


async def keys_in(database: Database) -> set[str]:
    async with database.reading() as session:
        return set((await session.scalars(select(IdempotencyRecord.key))).all())


class Told(AppError):
    """A refusal that keeps what was written."""

    status, code, title = 409, "told", "Told"
    keeps_writes = True


class CommittedButInterrupted(AsyncSession):
    """The database commits, and its answer is not waited for."""

    async def commit(self) -> None:
        await super().commit()
        raise asyncio.CancelledError


class TestTransaction:
    async def test_commits_at_the_end(self, live: Database) -> None:
        async with live.transaction() as session:
            session.add(record("a"))

        assert await keys_in(live) == {"a"}

    async def test_keeps_nothing_when_it_fails(self, live: Database) -> None:
        async def fail() -> None:
            async with live.transaction() as session:
                session.add(record("a"))
                await session.flush()
                raise LookupError

        with pytest.raises(LookupError):
            await fail()

        assert await keys_in(live) == set()

    async def test_keeps_writes_of_a_refusal_that_says_so(self, live: Database) -> None:
        async def refuse() -> None:
            async with live.transaction() as session:
                session.add(record("a"))
                raise Told

        with pytest.raises(Told):
            await refuse()

        assert await keys_in(live) == {"a"}

    async def test_runs_actions_of_the_outcome_only(self, live: Database) -> None:
        done: list[str] = []

        async def note(word: str) -> None:
            done.append(word)

        async def work(*, fails: bool) -> None:
            async with live.transaction() as session:
                after_commit(session, lambda: note("committed"))
                after_rollback(session, lambda: note("rolled back"))
                if fails:
                    raise LookupError

        await work(fails=False)
        with pytest.raises(LookupError):
            await work(fails=True)

        assert done == ["committed", "rolled back"]

    async def test_cleans_up_when_the_caller_goes_away(self, live: Database) -> None:
        undone = asyncio.Event()

        async def undo() -> None:
            undone.set()

        async def work() -> None:
            async with live.transaction() as session:
                after_rollback(session, undo)
                session.add(record("a"))
                await session.flush()
                await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert undone.is_set()
        assert await keys_in(live) == set()

    async def test_a_commit_that_is_interrupted_removes_nothing(self, live: Database) -> None:
        """It may have happened: bytes that were stored for its rows must not go."""
        writes: async_sessionmaker[AsyncSession] = async_sessionmaker(
            live.engine, class_=CommittedButInterrupted
        )
        removed: list[str] = []

        async def remove() -> None:
            removed.append("bytes")

        async def store() -> None:
            async with Database(live.engine, reads=live.reads, writes=writes).transaction() as session:
                session.add(record("kept"))
                after_rollback(session, remove)

        with pytest.raises(asyncio.CancelledError):
            await store()

        assert await keys_in(live) == {"kept"}
        assert removed == []

    async def test_two_writers_wait_for_each_other(self, live: Database) -> None:
        async def write(key: str) -> None:
            async with live.transaction() as session:
                session.add(record(key))
                await session.flush()
                await asyncio.sleep(0.02)

        await asyncio.gather(*(write(str(number)) for number in range(8)))

        assert len(await keys_in(live)) == 8


class TestRelease:
    async def test_gives_the_connection_back_and_objects_stay_usable(self, live: Database) -> None:
        async with live.transaction() as session:
            session.add(record("a"))
        async with live.transaction() as session:
            found = (await session.scalars(select(IdempotencyRecord))).one()

            await release(session)

            assert live.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # a queue pool
            assert found.key == "a"

    async def test_refuses_with_changes_waiting(self, live: Database) -> None:
        async with live.transaction() as session:
            session.add(record("a"))
            with pytest.raises(RuntimeError, match="pending"):
                await release(session)


class TestUnavailable:
    async def test_a_postgres_that_is_not_there_is_unavailable(self) -> None:
        database = open_database(
            DatabaseSection(url=SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
        )

        with pytest.raises(DatabaseUnavailable):
            await database.ping()
        await database.close()

    def test_refuses_other_databases(self) -> None:
        with pytest.raises(ValueError, match="sqlite"):
            open_database(DatabaseSection(url=SecretStr("mysql://x")))


class TestColumns:
    async def test_times_come_back_aware_in_utc(self, db: Database) -> None:
        async with db.transaction() as session:
            row = record("a")
            session.add(row)
            await session.flush()
            session.expunge_all()
            found = (await session.scalars(select(IdempotencyRecord))).one()

        assert found.expires_at == datetime(2030, 1, 1, tzinfo=UTC)
        assert found.expires_at.tzinfo is UTC

    def test_ids_are_in_order_of_creation(self) -> None:
        ids = [new_id() for _ in range(100)]

        assert ids == sorted(ids)
        assert all(each.version == 7 for each in ids)


class TestReadSession:
    async def test_gives_its_connection_back_when_the_endpoint_returns(self, live: Database) -> None:
        app = FastAPI()

        @app.get("/")
        async def ask(session: ReadSessionDep) -> int:
            await session.execute(select(IdempotencyRecord))
            return int(live.engine.pool.checkedout())  # type: ignore[attr-defined] # a queue pool

        transport = httpx.ASGITransport(app=WithState(app, resources=Resources(live)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            inside = (await client.get("/")).json()

        assert (inside, live.engine.pool.checkedout()) == (1, 0)  # type: ignore[attr-defined]
