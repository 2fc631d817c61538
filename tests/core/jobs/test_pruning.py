from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import Settings
from app.core.db import Database
from app.core.job_tables import JobStatus
from app.core.jobs import JobContext, every, on, pruning
from app.core.jobs.pruning import prune
from app.core.jobs.runner import Ending
from app.core.jobs.schedules import Schedules
from tests.support.jobs import Happened, Workshop


@on(Happened, name="tests.work")
async def work(context: JobContext, _: Happened) -> None:
    async def nothing(__: AsyncSession) -> None: ...

    await context.step("one", nothing)
    await context.progress(done=1)


@every("30 days", name="tests.close_the_books")
async def close_the_books(_: JobContext) -> None: ...


async def age(workshop: Workshop, days: int) -> None:
    await workshop.changed(finished_at=await workshop.clock() - timedelta(days=days))


class TestPrune:
    async def run(self, workshop: Workshop) -> None:
        await Schedules(workshop.database, [prune]).tick()
        assert await workshop.run_ready() == [Ending.done]

    async def test_old_done_jobs_go_with_all_they_left(
        self, live: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pruning, "AT_ONCE", 2)
        workshop = Workshop(live, work, prune)
        workshop.resources.add(settings)
        for number in range(5):
            await workshop.publish(Happened(number=number))
        await workshop.run_ready()
        await age(workshop, days=settings.jobs.keep_days + 1)
        await workshop.publish(Happened(number=6))
        await workshop.run_ready()

        await self.run(workshop)

        assert [job.payload.get("number") for job in await workshop.jobs()] == [6, None]
        assert len(await workshop.rows("SELECT * FROM job_steps")) == 1
        assert len(await workshop.rows("SELECT * FROM job_progress")) == 1

    async def test_dead_jobs_stay_until_somebody_looks(self, live: Database, settings: Settings) -> None:
        workshop = Workshop(live, work, prune)
        workshop.resources.add(settings)
        await workshop.publish(Happened())
        await workshop.changed(status=JobStatus.dead)
        await age(workshop, days=settings.jobs.keep_days + 1)

        await self.run(workshop)

        assert await workshop.statuses() == [JobStatus.dead, JobStatus.done]

    async def test_a_rare_schedule_is_not_forgotten_in_its_period(
        self, live: Database, settings: Settings
    ) -> None:
        workshop = Workshop(live, close_the_books, prune)
        workshop.resources.add(settings)
        await Schedules(live, [close_the_books]).tick()
        await workshop.run_ready()
        await age(workshop, days=settings.jobs.keep_days + 1)

        await self.run(workshop)

        await Schedules(live, [close_the_books]).tick()
        assert await workshop.run_ready() == []
