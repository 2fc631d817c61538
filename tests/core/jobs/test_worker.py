import asyncio
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from app.core.config import DatabaseSection
from app.core.db import Database, open_database
from app.core.job_tables import JobStatus
from app.core.jobs import JobContext, Rate, Slots, on
from app.core.jobs.figures import JobFigures
from app.core.jobs.queue import Claimed, JobQueue
from app.core.jobs.runner import Runner
from app.core.jobs.worker import Worker
from app.core.metrics import Metrics
from app.core.migrations import upgrade
from app.core.sections import JobsSection
from tests.support.jobs import Happened, Workshop


class Notebook:
    """What was done, and a way to wait until so much was."""

    def __init__(self, wanted: int = 1) -> None:
        self.entries: list[tuple[str, int]] = []
        self.full = asyncio.Event()
        self.wanted = wanted

    def write(self, event: Happened) -> None:
        self.entries.append((event.thing, event.number))
        if len(self.entries) >= self.wanted:
            self.full.set()


class TestWork:
    async def test_two_workers_do_everything_once_and_in_order(self, live: Database) -> None:
        notebook = Notebook(wanted=40)

        @on(Happened, name="tests.note")
        async def note(_: JobContext, event: Happened) -> None:
            await asyncio.sleep(0)
            notebook.write(event)

        workshop = Workshop(live, note)
        async with workshop.working("one"), workshop.working("two"):
            for number in range(40):
                await workshop.publish(Happened(f"key {number % 4}", number))
            await notebook.full.wait()

        by_key = {key: [n for thing, n in notebook.entries if thing == key] for key, _ in notebook.entries}
        assert sorted(number for _, number in notebook.entries) == list(range(40))
        assert all(numbers == sorted(numbers) for numbers in by_key.values())
        assert set(await workshop.statuses()) == {JobStatus.done}

    async def test_a_shared_rate_holds_over_all_workers(self, live: Database) -> None:
        begun: list[datetime] = []
        enough = asyncio.Event()

        @on(Happened, name="tests.call", rate=Rate("tests.neighbour", per_second=10))
        async def call(_: JobContext, __: Happened) -> None:
            begun.append(await workshop.clock())
            if len(begun) == 6:
                enough.set()

        workshop = Workshop(live, call)
        for number in range(6):
            await workshop.publish(Happened(f"key {number}"))
        first = await workshop.clock()
        async with workshop.working("one"), workshop.working("two"):
            await enough.wait()

        assert (max(begun) - first).total_seconds() >= 0.5

    async def test_a_flood_for_one_handler_does_not_starve_another_group(self, live: Database) -> None:
        notebook = Notebook()

        @on(Happened, name="tests.flood", rate=Rate("tests.neighbour", per_second=0.001))
        async def flood(_: JobContext, __: Happened) -> None: ...

        workshop = Workshop(live, flood)
        for number in range(20):
            await workshop.publish(Happened(f"key {number}"))

        @on(Happened, name="tests.note")
        async def note(_: JobContext, event: Happened) -> None:
            notebook.write(event)

        both = Workshop(live, flood, note)
        await both.publish(Happened("last"))
        async with both.working(concurrency=1):
            await notebook.full.wait()

        assert notebook.entries == [("last", 0)]

    async def test_what_shares_slots_leaves_the_other_places_free(self, live: Database) -> None:
        notebook, kiln = Notebook(wanted=3), asyncio.Event()

        @on(Happened, name="tests.bake", slots=Slots("tests.kiln", at_once=1))
        async def bake(_: JobContext, event: Happened) -> None:
            await kiln.wait()
            notebook.write(event)

        @on(Happened, name="tests.note")
        async def note(_: JobContext, event: Happened) -> None:
            notebook.write(event)
            kiln.set()

        workshop = Workshop(live, bake)
        for number in range(2):
            await workshop.publish(Happened(f"pot {number}", number))
        both = Workshop(live, bake, note)
        async with both.working(concurrency=2):
            await Workshop(live, note).publish(Happened("last", 2))
            await notebook.full.wait()

        assert notebook.entries == [("last", 2), ("pot 0", 0), ("pot 1", 1)]


class TestStop:
    async def test_what_does_not_end_is_given_back_as_if_never_begun(self, live: Database) -> None:
        begun = asyncio.Event()

        @on(Happened, name="tests.hang")
        async def hang(_: JobContext, __: Happened) -> None:
            begun.set()
            await asyncio.Event().wait()

        workshop = Workshop(live, hang)
        await workshop.publish(Happened())
        async with workshop.working(stop_seconds=0):
            await begun.wait()

        assert [(job.status, job.attempts) for job in await workshop.jobs()] == [(JobStatus.queued, 0)]
        assert len(await workshop.queue("two").claim(1)) == 1

    async def test_what_ends_in_time_is_done(self, live: Database) -> None:
        begun = asyncio.Event()

        @on(Happened, name="tests.hurry")
        async def hurry(_: JobContext, __: Happened) -> None:
            begun.set()
            await asyncio.sleep(0.05)

        workshop = Workshop(live, hurry)
        await workshop.publish(Happened())
        async with workshop.working():
            await begun.wait()

        assert await workshop.statuses() == [JobStatus.done]


class TestLeases:
    async def test_a_run_whose_job_was_taken_over_is_ended(self, live: Database) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        @on(Happened, name="tests.hang")
        async def hang(_: JobContext, __: Happened) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        workshop = Workshop(live, hang)
        await workshop.publish(Happened())
        async with workshop.working("one", lease_seconds=1, concurrency=1):
            await begun.wait()
            await workshop.leases_end()
            await workshop.changed(lease_token=None)
            await ended.wait()


class Flaky(JobQueue):
    """The database is away when it is asked first."""

    asked = 0

    async def claim(self, places: int, running: Collection[str] = ()) -> list[Claimed]:
        self.asked += 1
        if self.asked == 1:
            raise OperationalError("select", {}, OSError("gone"))
        return await super().claim(places, running)


class TestDisturbances:
    async def test_a_database_that_was_away_is_asked_again(
        self, live: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notebook = Notebook()

        @on(Happened, name="tests.note")
        async def note(_: JobContext, event: Happened) -> None:
            notebook.write(event)

        workshop = Workshop(live, note)
        queue = Flaky(live, workshop.registry, worker="one", lease_seconds=20)
        figures = JobFigures(Metrics().registry)
        worker = Worker(queue, Runner(queue, workshop.resources), JobsSection(), figures)
        await workshop.publish(Happened())

        await worker.start()
        await notebook.full.wait()
        await worker.stop()

        assert queue.asked > 1


class TestTwoApplications:
    async def test_two_in_one_process_do_not_know_each_other(self, tmp_path: Path) -> None:
        notebooks, workshops = [Notebook(), Notebook()], []

        for number, notebook in enumerate(notebooks):

            @on(Happened, name="tests.note")
            async def note(_: JobContext, event: Happened, notebook: Notebook = notebook) -> None:
                notebook.write(event)

            url = f"sqlite+aiosqlite:///{tmp_path}/{number}.db"
            await upgrade(url)
            workshops.append(Workshop(open_database(DatabaseSection(url=SecretStr(url))), note))
        first, second = workshops
        async with first.working(), second.working():
            await first.publish(Happened("of the first"))
            await second.publish(Happened("of the second"))
            for notebook in notebooks:
                await notebook.full.wait()
        for workshop in workshops:
            await workshop.database.close()

        assert [notebook.entries for notebook in notebooks] == [
            [("of the first", 0)],
            [("of the second", 0)],
        ]


class TestFigures:
    async def test_tell_what_waits_and_what_was_given_up(self, live: Database) -> None:
        @on(Happened, name="tests.note")
        async def note(_: JobContext, __: Happened) -> None: ...

        workshop = Workshop(live, note)
        metrics = Metrics()
        figures = JobFigures(metrics.registry)
        await workshop.publish(Happened())
        await workshop.changed(status=JobStatus.dead)
        await workshop.publish(Happened())
        await figures.look(live)

        told = metrics.render().decode()
        assert 'jobs_rows{status="dead"} 1.0' in told
        assert 'jobs_rows{status="queued"} 1.0' in told
        assert "jobs_overdue_seconds" in told
