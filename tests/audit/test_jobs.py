import structlog

from app.audit import jobs
from app.core.db import Database
from app.core.jobs.discovery import discover
from app.core.jobs.runner import Ending
from app.core.jobs.schedules import Schedules
from tests.factories.audit import make_act
from tests.support.audit import all_acts, inspect
from tests.support.jobs import Workshop

MOST_SECONDS = 10


class TestSeal:
    def test_is_never_further_behind_than_ten_seconds(self) -> None:
        (schedule,) = [each for each in discover().schedules if each.handling.name == "audit.seal"]

        assert schedule.period_seconds <= MOST_SECONDS

    async def test_seals_what_is_committed_and_tells_the_logs(self, live: Database) -> None:
        workshop = Workshop(live, jobs.seal)
        await make_act(live)

        await Schedules(live, workshop.registry.schedules).tick()
        with structlog.testing.capture_logs() as logs:
            endings = await workshop.run_ready()

        (act,) = await all_acts(live)
        report = await inspect(live)
        assert endings == [Ending.done]
        assert (act.position, report.broken) == (1, [])
        assert [line["head"] for line in logs if line["event"] == "audit sealed"] == [str(report.head)]
