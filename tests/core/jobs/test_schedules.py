import asyncio

import pytest

from app.core.db import Database
from app.core.job_tables import JobStatus
from app.core.jobs import JobContext, every
from app.core.jobs.definitions import seconds_of
from app.core.jobs.runner import Ending
from app.core.jobs.schedules import LONGEST_SLEEP_SECONDS, Schedules
from app.core.models import new_id
from tests.support.jobs import Workshop


@every("1 day", name="tests.tidy")
async def tidy(_: JobContext) -> None: ...


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "seconds"),
        [("30 s", 30), ("10 min", 600), ("1 h", 3600), ("1 day", 86400), ("7 days", 604800)],
    )
    def test_are_written_in_words(self, period: str, seconds: int) -> None:
        assert seconds_of(period) == seconds

    @pytest.mark.parametrize("period", ["", "10", "0 s", "10min", "-1 s", "1 week", "1.5 h"])
    def test_anything_else_is_refused_at_once(self, period: str) -> None:
        with pytest.raises(ValueError, match="a period is written like"):
            every(period, name="tests.tidy")


class TestTick:
    async def test_a_period_is_run_once_however_many_workers_offer_it(self, live: Database) -> None:
        workshop = Workshop(live, tidy)
        workers = [Schedules(live, workshop.registry.schedules) for _ in range(3)]

        for worker in workers:
            assert 0 < await worker.tick() <= LONGEST_SLEEP_SECONDS
            await workshop.run_ready()
            await worker.tick()

        assert await workshop.statuses() == [JobStatus.done]

    async def test_a_restart_in_the_same_period_does_not_run_it_again(self, live: Database) -> None:
        workshop = Workshop(live, tidy)
        await Schedules(live, workshop.registry.schedules).tick()
        assert await workshop.run_ready() == [Ending.done]

        await Schedules(live, workshop.registry.schedules).tick()

        assert await workshop.run_ready() == []

    async def test_nothing_piles_up_behind_a_run_that_goes_on(self, live: Database) -> None:
        workshop = Workshop(live, tidy)
        await Schedules(live, workshop.registry.schedules).tick()
        await workshop.changed(id=new_id())  # as if it were of an earlier period
        await workshop.queue().claim(1)

        await Schedules(live, workshop.registry.schedules).tick()

        assert await workshop.statuses() == [JobStatus.running]

    async def test_the_next_period_comes_when_the_last_is_over(self, live: Database) -> None:
        workshop = Workshop(live, tidy)
        await Schedules(live, workshop.registry.schedules).tick()
        await workshop.changed(id=new_id())
        await workshop.run_ready()

        await Schedules(live, workshop.registry.schedules).tick()

        assert await workshop.run_ready() == [Ending.done]

    async def test_workers_keep_ticking_and_never_twice_in_a_period(self, live: Database) -> None:
        @every("1 s", name="tests.tick")
        async def tick(_: JobContext) -> None:
            ticks.append(1)
            if len(ticks) == 2:
                twice.set()

        ticks: list[int] = []
        twice = asyncio.Event()
        workshop = Workshop(live, tick)
        began = (await workshop.clock()).timestamp()
        async with workshop.working("one"), workshop.working("two"):
            await twice.wait()
        ended = (await workshop.clock()).timestamp()

        assert 2 <= len(await workshop.jobs()) <= int(ended) - int(began) + 1
