from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import IntegrityError

from app.core.db import Database
from app.core.job_tables import JobStatus, OutboxMessage
from app.core.jobs import GiveUp, JobContext, Rate, Retry, Slots, on
from app.core.jobs.runner import WORKER_DIED, Ending
from tests.support.database import ON_POSTGRES
from tests.support.jobs import Happened, Workshop

SLOW = Rate("tests.neighbour", per_second=0.001)


@on(Happened, name="tests.work")
async def work(_: JobContext, __: Happened) -> None: ...


@on(Happened, name="tests.fail", retry=Retry(attempts=1))
async def fail(_: JobContext, __: Happened) -> None:
    raise GiveUp("no")


@on(Happened, name="tests.fail_and_hold", retry=Retry(attempts=1), holds_key=True)
async def fail_and_hold(_: JobContext, __: Happened) -> None:
    raise GiveUp("no")


@on(Happened, name="tests.call_slowly", rate=SLOW)
async def call_slowly(_: JobContext, __: Happened) -> None: ...


@on(Happened, name="tests.ask_slowly", rate=SLOW)
async def ask_slowly(_: JobContext, __: Happened) -> None: ...


TWO_AT_ONCE = Slots("tests.kiln", at_once=2)


@on(Happened, name="tests.bake", slots=TWO_AT_ONCE)
async def bake(_: JobContext, __: Happened) -> None: ...


@on(Happened, name="tests.glaze", slots=TWO_AT_ONCE)
async def glaze(_: JobContext, __: Happened) -> None: ...


async def numbers(workshop: Workshop, places: int, worker: str = "one") -> list[int]:
    return [job.payload["number"] for job in await workshop.queue(worker).claim(places)]


class TestPlan:
    @pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL plans by what it counted in the tables")
    async def test_what_stands_before_a_job_is_looked_up_by_its_key(self, live: Database) -> None:
        workshop = Workshop(live, work)
        await workshop.publish(Happened("lathe", 1))
        asked: list[tuple[str, Any]] = []
        engine = live.engine.sync_engine

        def note(*told: Any) -> None:
            asked.append(told[2:4])

        event.listen(engine, "before_cursor_execute", note)
        await workshop.queue().claim(1)
        event.remove(engine, "before_cursor_execute", note)

        plans = [
            await plan_of(live, statement, values) for statement, values in asked if "holds_key" in statement
        ]
        assert plans
        assert all("ix_outbox_key_unfinished" in plan and "MULTI-INDEX" not in plan for plan in plans)


async def plan_of(database: Database, statement: str, values: Any) -> str:
    async with database.engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return " ".join(str(row) for row in rows)


class TestOrder:
    async def test_jobs_of_one_key_run_one_at_a_time_in_the_order_of_publishing(self, live: Database) -> None:
        workshop = Workshop(live, work)
        for number in range(3):
            await workshop.publish(Happened("lathe", number))
        one, two = workshop.queue("one"), workshop.queue("two")

        seen = []
        while claimed := await one.claim(8) + await two.claim(8):
            assert len(claimed) == 1
            seen.append(claimed[0].payload["number"])
            await workshop.run(claimed[0])
            one, two = two, one

        assert seen == [0, 1, 2]

    async def test_jobs_of_different_keys_run_beside_each_other(self, live: Database) -> None:
        workshop = Workshop(live, work)
        for number in range(6):
            await workshop.publish(Happened(f"machine {number % 3}", number))

        assert sorted(await numbers(workshop, 2)) == [0, 1]
        assert await numbers(workshop, 8, "two") == [2]

    async def test_a_resting_job_keeps_those_behind_it_waiting(self, live: Database) -> None:
        workshop = Workshop(live, work)
        await workshop.publish(Happened(number=1), delay_seconds=60)
        await workshop.publish(Happened(number=2))

        assert await numbers(workshop, 8) == []

    async def test_a_dead_job_lets_the_next_go(self, live: Database) -> None:
        workshop = Workshop(live, fail)
        await workshop.publish(Happened())
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.dead, Ending.dead]

    async def test_unless_its_handler_wants_it_looked_at_first(self, live: Database) -> None:
        workshop = Workshop(live, fail_and_hold)
        await workshop.publish(Happened())
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.dead]
        assert await workshop.statuses() == [JobStatus.dead, JobStatus.queued]

    async def test_handlers_of_one_lane_stand_in_one_queue(self, live: Database) -> None:
        placed = on(Happened, name="tests.placed", lane="tests.crm")(work.work)
        cancelled = on(Happened, name="tests.cancelled", lane="tests.crm")(work.work)
        workshop = Workshop(live, placed, cancelled)
        await workshop.publish(Happened())

        assert len(await workshop.queue("one").claim(8)) == 1
        assert await workshop.queue("two").claim(8) == []

    async def test_an_earlier_job_that_shows_late_waits_for_the_one_at_work(self, live: Database) -> None:
        """Numbers are given before the commit, so a lower one may come to light after a higher one."""
        workshop = Workshop(live, work)
        for number in range(2):
            await workshop.publish(Happened(number=number))
        early, late = await workshop.jobs()

        async def begin(job: OutboxMessage) -> None:
            async with live.transaction() as session:
                statement = update(OutboxMessage).where(OutboxMessage.id == job.id)
                await session.execute(statement.values(status=JobStatus.running))

        await begin(late)

        assert await numbers(workshop, 8) == []
        with pytest.raises(IntegrityError):
            await begin(early)


class TestSharedRates:
    async def test_all_workers_share_one_turn(self, live: Database) -> None:
        workshop = Workshop(live, call_slowly, ask_slowly)
        one, two = workshop.queue("one"), workshop.queue("two")
        await one.open()
        await two.open()
        for number in range(3):
            await workshop.publish(Happened(f"key {number}"))

        assert len(await one.claim(8)) == 1
        assert await two.claim(8) == []
        assert await one.claim(8) == []

    async def test_what_has_no_limit_does_not_wait(self, live: Database) -> None:
        workshop = Workshop(live, call_slowly, work)
        queue = workshop.queue()
        await queue.open()
        for number in range(3):
            await workshop.publish(Happened(f"key {number}"))

        claimed = [job.handler for job in await queue.claim(8)]

        assert sorted(claimed) == ["tests.call_slowly"] + ["tests.work"] * 3

    async def test_a_worker_that_comes_later_leaves_the_limit_as_it_is(self, live: Database) -> None:
        workshop = Workshop(live, call_slowly)
        await workshop.queue().open()
        await workshop.publish(Happened("a"))
        await workshop.publish(Happened("b"))
        assert len(await workshop.queue().claim(1)) == 1

        await workshop.queue("two").open()

        assert await workshop.queue("two").claim(1) == []


class TestSlots:
    async def test_handlers_that_share_them_begin_no_more_than_fit(self, live: Database) -> None:
        workshop = Workshop(live, work, bake, glaze)
        for number in range(2):
            await workshop.publish(Happened(f"pot {number}", number))
        queue = workshop.queue()

        first = await queue.claim(8)
        running = [job.handler for job in first]
        beside = await queue.claim(8, running)
        after_one = await queue.claim(8, ["tests.bake"])

        assert sorted(running).count("tests.work") == 2
        assert len(first) == 4
        assert beside == []
        assert len(after_one) == 1

    async def test_are_of_each_worker(self, live: Database) -> None:
        workshop = Workshop(live, bake)
        for number in range(4):
            await workshop.publish(Happened(f"pot {number}"))

        claimed = [len(await workshop.queue(name).claim(8)) for name in ("one", "two")]

        assert claimed == [2, 2]


class TestTakeOver:
    async def test_a_job_whose_worker_is_silent_goes_to_another(self, live: Database) -> None:
        workshop = Workshop(live, work)
        await workshop.publish(Happened())
        assert len(await workshop.queue("one").claim(8)) == 1
        assert await workshop.queue("two").claim(8) == []

        await workshop.leases_end()

        taken = await workshop.queue("two").claim(8)
        assert [job.attempt for job in taken] == [2]
        assert await workshop.run(taken[0]) is Ending.done

    async def test_a_sign_of_life_keeps_the_job(self, live: Database) -> None:
        workshop = Workshop(live, work)
        queue = workshop.queue("one")
        await workshop.publish(Happened())
        (job,) = await queue.claim(8)
        await workshop.leases_end()

        assert await queue.lost([job.lease]) == []
        assert await workshop.queue("two").claim(8) == []

    async def test_a_worker_hears_that_its_job_belongs_to_another(self, live: Database) -> None:
        workshop = Workshop(live, work)
        queue = workshop.queue("one")
        await workshop.publish(Happened())
        (job,) = await queue.claim(8)
        await workshop.leases_end()
        await workshop.queue("two").claim(8)

        assert await queue.lost([job.lease]) == [job.lease]

    async def test_a_job_that_kills_its_workers_is_parked(self, live: Database) -> None:
        begun = []

        @on(Happened, name="tests.kill", retry=Retry(attempts=3))
        async def kill(_: JobContext, __: Happened) -> None:
            begun.append(True)

        workshop = Workshop(live, kill)
        await workshop.publish(Happened())
        for _ in range(3):
            assert len(await workshop.queue().claim(1)) == 1
            await workshop.leases_end()

        assert await workshop.run_ready() == [Ending.dead]
        (job,) = await workshop.jobs()
        assert (job.status, job.error, begun) == (JobStatus.dead, WORKER_DIED, [])

    async def test_a_job_given_back_is_free_at_once_and_unchanged(self, live: Database) -> None:
        workshop = Workshop(live, work)
        queue = workshop.queue("one")
        await workshop.publish(Happened())
        (job,) = await queue.claim(8)

        await queue.give_back([job.lease])

        assert [taken.attempt for taken in await workshop.queue("two").claim(8)] == [1]
        assert await workshop.run(job) is Ending.refused
