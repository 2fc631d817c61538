import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from app.core.config import DatabaseSection
from app.core.db import Database, after_commit, after_rollback, open_database, release
from app.core.errors import Conflict
from app.core.job_tables import JobStatus
from app.core.jobs import GiveUp, JobContext, Postpone, Retry, on
from app.core.jobs.runner import Ending
from tests.core.test_db import keys_in, record
from tests.support.database import ON_POSTGRES
from tests.support.jobs import Happened, Workshop

only_postgres = pytest.mark.skipif(not ON_POSTGRES, reason="on SQLite one process writes, and it is this one")


class Kept(Conflict):
    """A refusal that keeps what was written."""

    keeps_writes = True


class TestEndings:
    async def test_the_effect_and_its_ending_are_one_commit(self, live: Database) -> None:
        @on(Happened, name="tests.write")
        async def write(context: JobContext, event: Happened) -> None:
            context.session.add(record(event.thing))

        workshop = Workshop(live, write)
        await workshop.publish(Happened("effect"))

        assert await workshop.run_ready() == [Ending.done]
        (job,) = await workshop.jobs()
        assert (job.status, job.attempts, job.lease_until) == (JobStatus.done, 1, None)
        assert job.finished_at is not None
        assert await keys_in(live) == {"effect"}

    async def test_a_failure_leaves_nothing_and_is_tried_again(self, live: Database) -> None:
        @on(Happened, name="tests.write", retry=Retry(attempts=5, base_seconds=100, cap_seconds=150))
        async def write(context: JobContext, event: Happened) -> None:
            context.session.add(record(event.thing))
            await context.session.flush()
            raise ValueError("the neighbour said no")

        workshop = Workshop(live, write)
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.failed]
        before = await workshop.clock()
        (job,) = await workshop.jobs()
        assert (job.status, job.error) == (JobStatus.queued, "ValueError: the neighbour said no")
        assert 45 <= (job.run_at - before).total_seconds() <= 100
        assert await keys_in(live) == set()

    async def test_the_last_attempt_ends_among_the_dead_letters(self, live: Database) -> None:
        @on(Happened, name="tests.fail", retry=Retry(attempts=3))
        async def fail(context: JobContext, _: Happened) -> None:
            raise ValueError(context.attempt)

        workshop = Workshop(live, fail)
        await workshop.publish(Happened())

        endings = []
        while ended := await workshop.run_ready():
            endings += ended
            await workshop.rests_end()

        assert endings == [Ending.failed, Ending.failed, Ending.dead]
        assert [(job.status, job.error) for job in await workshop.jobs()] == [
            (JobStatus.dead, "ValueError: 3")
        ]

    async def test_what_cannot_succeed_is_not_tried_again(self, live: Database) -> None:
        @on(Happened, name="tests.give_up")
        async def give_up(_: JobContext, __: Happened) -> None:
            raise GiveUp("the address does not exist")

        workshop = Workshop(live, give_up)
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.dead]
        assert [job.error for job in await workshop.jobs()] == ["the address does not exist"]

    async def test_a_neighbour_that_is_away_costs_no_attempt(self, live: Database) -> None:
        @on(Happened, name="tests.postpone", retry=Retry(attempts=1))
        async def postpone(_: JobContext, __: Happened) -> None:
            raise Postpone(1000)

        workshop = Workshop(live, postpone)
        await workshop.publish(Happened())

        for _ in range(3):
            assert await workshop.run_ready() == [Ending.postponed]
            await workshop.rests_end()
        assert [job.attempts for job in await workshop.jobs()] == [0]

    async def test_a_run_without_end_is_ended(self, live: Database) -> None:
        @on(Happened, name="tests.hang", limit_seconds=0.05)
        async def hang(_: JobContext, __: Happened) -> None:
            await asyncio.Event().wait()

        workshop = Workshop(live, hang)
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.failed]
        assert [job.error for job in await workshop.jobs()] == ["TimeoutError"]

    async def test_an_event_that_cannot_be_read_any_more_is_kept_for_somebody_to_look_at(
        self, live: Database
    ) -> None:
        @on(Happened, name="tests.see", retry=Retry(attempts=1))
        async def see(_: JobContext, __: Happened) -> None: ...

        workshop = Workshop(live, see)
        await workshop.publish(Happened())
        await workshop.changed(payload={"number": "none"})

        assert await workshop.run_ready() == [Ending.dead]

    async def test_errors_are_told_without_secrets_and_can_be_stored(self, live: Database) -> None:
        @on(Happened, name="tests.fail")
        async def fail(_: JobContext, __: Happened) -> None:
            raise ValueError("https://crm.example/rest/1/abcdefgh12345/crm.deal.add \0 \ud800")

        workshop = Workshop(live, fail)
        await workshop.publish(Happened())
        await workshop.run_ready()

        (job,) = await workshop.jobs()
        assert job.error
        assert "abcdefgh12345" not in job.error
        assert "\0" not in job.error

    async def test_what_was_promised_after_the_outcome_happens(self, live: Database) -> None:
        happened = []

        async def committed() -> None:
            happened.append("committed")

        async def rolled_back() -> None:
            happened.append("rolled back")

        @on(Happened, name="tests.promise", retry=Retry(attempts=1))
        async def promise(context: JobContext, event: Happened) -> None:
            after_commit(context.session, committed)
            after_rollback(context.session, rolled_back)
            if event.number:
                raise ValueError

        workshop = Workshop(live, promise)
        await workshop.publish(Happened(number=0))
        await workshop.publish(Happened(number=1))
        await workshop.run_ready()

        assert happened == ["committed", "rolled back"]


class Stage:
    """A handler that stops at a place on its first run, as a stopped process would."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.woken = asyncio.Event()

    async def stop(self, context: JobContext) -> None:
        if context.attempt == 1:
            self.reached.set()
            await self.woken.wait()


class TestLateWrites:
    """A worker is stopped, its job is taken over and done by another, then it wakes up and goes on."""

    async def taken_over(self, workshop: Workshop, stage: Stage) -> list[Ending]:
        await workshop.publish(Happened("effect"))
        (first,) = await workshop.queue("one").claim(1)
        stopped = asyncio.create_task(workshop.run(first))
        await stage.reached.wait()
        await workshop.leases_end()
        endings = await workshop.run_ready()
        stage.woken.set()
        return [*endings, await stopped]

    async def test_stopped_in_the_work(self, live: Database) -> None:
        stage = Stage()

        @on(Happened, name="tests.write")
        async def write(context: JobContext, event: Happened) -> None:
            await stage.stop(context)
            context.session.add(record(f"{event.thing} of attempt {context.attempt}"))

        endings = await self.taken_over(Workshop(live, write), stage)

        assert endings == [Ending.done, Ending.refused]
        assert await keys_in(live) == {"effect of attempt 2"}

    async def test_stopped_before_it_fails(self, live: Database) -> None:
        stage = Stage()

        @on(Happened, name="tests.write", retry=Retry(attempts=2))
        async def write(context: JobContext, event: Happened) -> None:
            await stage.stop(context)
            if context.attempt == 1:
                raise GiveUp("too late")
            context.session.add(record(event.thing))

        workshop = Workshop(live, write)

        assert await self.taken_over(workshop, stage) == [Ending.done, Ending.refused]
        assert [(job.status, job.error) for job in await workshop.jobs()] == [(JobStatus.done, None)]

    @only_postgres
    async def test_stopped_inside_its_transaction(self, live: Database) -> None:
        stage = Stage()

        @on(Happened, name="tests.write")
        async def write(context: JobContext, event: Happened) -> None:
            context.session.add(record(f"{event.thing} of attempt {context.attempt}"))
            await context.session.flush()
            await stage.stop(context)

        endings = await self.taken_over(Workshop(live, write), stage)

        assert endings == [Ending.done, Ending.refused]
        assert await keys_in(live) == {"effect of attempt 2"}

    @only_postgres
    async def test_stopped_between_the_fence_and_the_commit(self, live: Database) -> None:
        """The row is locked, so nobody takes the job over until the database ends that transaction."""
        workshop = Workshop(live, writing)
        await workshop.publish(Happened("effect"))
        (job,) = await workshop.queue("one").claim(1)
        await workshop.leases_end()

        async with impatient(live) as stopped, stopped.writes() as session:
            session.add(record("late effect"))
            await job.lease.fence(session, status=JobStatus.done)
            assert await workshop.queue("two").claim(1) == []
            while not (endings := await workshop.run_ready()):  # noqa: ASYNC110 - the server ends it
                await asyncio.sleep(0.05)
            with pytest.raises(DBAPIError):
                await session.commit()

        assert endings == [Ending.done]
        assert await keys_in(live) == {"effect"}

    async def test_a_release_in_between_is_refused_too(self, live: Database) -> None:
        stage = Stage()

        @on(Happened, name="tests.write")
        async def write(context: JobContext, event: Happened) -> None:
            await stage.stop(context)
            context.session.add(record(f"{event.thing} of attempt {context.attempt}"))
            await context.session.flush()
            await release(context.session)

        endings = await self.taken_over(Workshop(live, write), stage)

        assert endings == [Ending.done, Ending.refused]
        assert await keys_in(live) == {"effect of attempt 2"}

    async def test_a_failure_that_keeps_its_writes_is_refused_too(self, live: Database) -> None:
        stage = Stage()

        @on(Happened, name="tests.write", retry=Retry(attempts=2))
        async def write(context: JobContext, event: Happened) -> None:
            await stage.stop(context)
            context.session.add(record(f"{event.thing} of attempt {context.attempt}"))
            raise Kept

        endings = await self.taken_over(Workshop(live, write), stage)

        assert endings == [Ending.dead, Ending.refused]
        assert await keys_in(live) == {"effect of attempt 2"}

    async def test_a_job_that_was_dropped_writes_nothing(self, live: Database) -> None:
        workshop = Workshop(live, writing)
        await workshop.publish(Happened("effect"))
        (job,) = await workshop.queue().claim(1)
        async with live.transaction() as session:
            await session.delete((await workshop.jobs())[0])

        assert await workshop.run(job) is Ending.refused
        assert await keys_in(live) == set()


@on(Happened, name="tests.write")
async def writing(context: JobContext, event: Happened) -> None:
    context.session.add(record(event.thing))


@asynccontextmanager
async def impatient(database: Database) -> AsyncIterator[Database]:
    """The same database over connections whose idle transactions are ended soon."""
    url = SecretStr(database.engine.url.render_as_string(hide_password=False))
    opened = open_database(DatabaseSection(url=url), idle_transaction_seconds=0.5)
    yield opened
    await opened.close()
