import asyncio
from contextlib import suppress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.background.dependencies import build_reader
from app.core.db import Database, release
from app.core.job_tables import JobProgress, JobStatus
from app.core.jobs import JobContext, Retry, on
from app.core.jobs.definitions import Subscription
from app.core.jobs.runner import Ending
from tests.core.test_db import keys_in, record
from tests.support.jobs import Happened, Workshop


class TestSteps:
    async def test_a_step_is_taken_once_across_a_take_over(self, live: Database) -> None:
        taken = []

        @on(Happened, name="tests.saga")
        async def saga(context: JobContext, _: Happened) -> None:
            async def reserve(session: AsyncSession) -> dict[str, int]:
                taken.append(context.attempt)
                session.add(record("reserved"))
                return {"lot": 7}

            lot = await context.step("reserve", reserve)
            if context.attempt == 1:
                reached.set()
                await woken.wait()
            context.session.add(record(f"lot {lot['lot']}"))

        reached, woken = asyncio.Event(), asyncio.Event()
        workshop = Workshop(live, saga)
        await workshop.publish(Happened())
        (first,) = await workshop.queue("one").claim(1)
        late = asyncio.create_task(workshop.run(first))
        await reached.wait()
        assert await keys_in(live) == {"reserved"}
        await workshop.leases_end()

        assert await workshop.run_ready() == [Ending.done]
        woken.set()
        assert await late is Ending.refused
        assert taken == [1]
        assert await keys_in(live) == {"reserved", "lot 7"}

    async def test_the_steps_of_a_failed_run_stay(self, live: Database) -> None:
        @on(Happened, name="tests.saga")
        async def saga(context: JobContext, _: Happened) -> None:
            async def count(__: AsyncSession) -> int:
                return context.attempt

            results.append([await context.step(name, count) for name in ("one", "two")])
            if context.attempt == 1:
                raise ValueError

        results: list[list[int]] = []
        workshop = Workshop(live, saga)
        await workshop.publish(Happened())
        await workshop.run_ready()
        await workshop.rests_end()

        assert await workshop.run_ready() == [Ending.done]
        assert results == [[1, 1], [1, 1]]

    async def test_the_late_step_of_a_stopped_worker_is_refused(self, live: Database) -> None:
        @on(Happened, name="tests.saga")
        async def saga(context: JobContext, _: Happened) -> None:
            async def write(session: AsyncSession) -> None:
                session.add(record(f"step of attempt {context.attempt}"))

            if context.attempt == 1:
                reached.set()
                await woken.wait()
            await context.step("write", write)

        reached, woken = asyncio.Event(), asyncio.Event()
        workshop = Workshop(live, saga)
        await workshop.publish(Happened())
        (first,) = await workshop.queue("one").claim(1)
        late = asyncio.create_task(workshop.run(first))
        await reached.wait()
        await workshop.leases_end()
        (second,) = await workshop.queue("two").claim(1)
        woken.set()

        assert await late is Ending.refused
        assert await keys_in(live) == set()
        assert await workshop.run(second) is Ending.done
        assert await keys_in(live) == {"step of attempt 2"}

    async def test_a_step_that_asks_a_neighbour_first_locks_nothing_meanwhile(self, live: Database) -> None:
        @on(Happened, name="tests.saga")
        async def saga(context: JobContext, _: Happened) -> None:
            async def ask_and_write(session: AsyncSession) -> None:
                async with live.transaction() as other:
                    other.add(record("written meanwhile"))
                session.add(record("step"))

            await context.step("ask", ask_and_write)

        workshop = Workshop(live, saga)
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.done]
        assert await keys_in(live) == {"written meanwhile", "step"}

    async def test_steps_do_not_begin_inside_the_transaction_of_the_job(self, live: Database) -> None:
        @on(Happened, name="tests.saga", retry=Retry(attempts=1))
        async def saga(context: JobContext, event: Happened) -> None:
            context.session.add(record("first"))
            await context.session.flush()
            if event.thing == "released":
                await release(context.session)
            await context.progress(percent=50)

        workshop = Workshop(live, saga)
        await workshop.publish(Happened("careless"))
        await workshop.publish(Happened("released"))

        assert sorted(await workshop.run_ready()) == [Ending.dead, Ending.done]
        errors = [job.error for job in await workshop.jobs()]
        assert errors[0] is not None
        assert errors[0].startswith("RuntimeError: steps and progress come before")


def approved(seen: list[Any]) -> Subscription[Happened]:
    @on(Happened, name="tests.publish_catalogue")
    async def publish_catalogue(context: JobContext, event: Happened) -> None:
        async def prepare(session: AsyncSession) -> None:
            session.add(record(f"prepared {event.number}"))

        await context.step("prepare", prepare)
        seen.append(await context.wait_for("approval"))

    return publish_catalogue


class TestApproval:
    async def test_a_waiting_job_holds_no_place_and_goes_on_after_a_restart(self, live: Database) -> None:
        seen: list[Any] = []
        workshop = Workshop(live, approved(seen))
        (job_id,) = await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.waiting]
        assert [(job.status, job.waits_for) for job in await workshop.jobs()] == [
            (JobStatus.waiting, "approval")
        ]

        restarted = Workshop(live, approved(seen))
        assert await restarted.signal(job_id, "approval", {"by": "Anna"}) is True
        assert await restarted.run_ready() == [Ending.done]
        assert seen == [{"by": "Anna"}]

    async def test_those_behind_it_do_not_wait_with_it(self, live: Database) -> None:
        workshop = Workshop(live, approved([]))
        await workshop.publish(Happened(number=1))
        await workshop.publish(Happened(number=2))

        assert await workshop.run_ready() == [Ending.waiting, Ending.waiting]

    async def test_a_signal_that_came_first_is_not_waited_for(self, live: Database) -> None:
        seen: list[Any] = []
        workshop = Workshop(live, approved(seen))
        (job_id,) = await workshop.publish(Happened())
        await workshop.signal(job_id, "approval", True)

        assert await workshop.run_ready() == [Ending.done]
        assert seen == [True]

    async def test_a_signal_between_the_look_and_lying_down_wakes_at_once(self, live: Database) -> None:
        workshop = Workshop(live, approved([]))
        (job_id,) = await workshop.publish(Happened())
        (job,) = await workshop.queue().claim(1)
        await workshop.signal(job_id, "approval")

        await workshop.queue().suspend(job.lease, "approval")

        assert await workshop.statuses() == [JobStatus.queued]

    async def test_other_topics_do_not_wake_it(self, live: Database) -> None:
        workshop = Workshop(live, approved([]))
        (job_id,) = await workshop.publish(Happened())
        await workshop.run_ready()

        await workshop.signal(job_id, "weather", "sunny")

        assert await workshop.statuses() == [JobStatus.waiting]

    async def test_a_handler_that_catches_everything_waits_all_the_same(self, live: Database) -> None:
        @on(Happened, name="tests.careless")
        async def careless(context: JobContext, _: Happened) -> None:
            with suppress(Exception):
                await context.wait_for("approval")

        workshop = Workshop(live, careless)
        await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.waiting]

    async def test_the_first_word_counts(self, live: Database) -> None:
        seen: list[Any] = []
        workshop = Workshop(live, approved(seen))
        (job_id,) = await workshop.publish(Happened())
        await workshop.signal(job_id, "approval", "yes")
        await workshop.signal(job_id, "approval", "no")
        await workshop.run_ready()

        assert seen == ["yes"]


class TestProgress:
    async def test_is_seen_before_the_job_is_done(self, live: Database) -> None:
        @on(Happened, name="tests.count")
        async def count(context: JobContext, _: Happened) -> None:
            await context.progress(done=1, of=2)
            seen.extend(await told(0))
            await context.progress(done=2, of=2)

        async def told(after: int) -> list[JobProgress]:
            async with live.reading() as session:
                return list(await build_reader(session).progress(job_id, after))

        seen: list[JobProgress] = []
        workshop = Workshop(live, count)
        (job_id,) = await workshop.publish(Happened())

        assert await workshop.run_ready() == [Ending.done]
        assert [news.payload for news in seen] == [{"done": 1, "of": 2}]
        assert [news.payload for news in await told(seen[0].seq)] == [{"done": 2, "of": 2}]
