"""What is done again and again: every worker offers each period's run, the database takes one."""

from sqlalchemy import select

from app.core.db import Database
from app.core.job_tables import JobStatus, Moment, OutboxMessage, is_status
from app.core.jobs.definitions import Schedule
from app.core.jobs.enqueue import enqueue, job_row

LONGEST_SLEEP_SECONDS = 30.0
"""The database's clock may be set while we sleep."""


class Schedules:
    """The schedules of one worker and the periods it has offered already."""

    def __init__(self, database: Database, schedules: list[Schedule]) -> None:
        self.database = database
        self.schedules = schedules
        self._offered: dict[str, int] = {}

    async def tick(self) -> float:
        """Offer what this moment's periods want; the seconds until the next period begins."""
        if not self.schedules:
            return LONGEST_SLEEP_SECONDS
        async with self.database.reading() as session:
            moment = (await session.execute(select(Moment()))).scalar_one().timestamp()
        for schedule in self.schedules:
            period = int(moment // schedule.period_seconds)
            if self._offered.get(schedule.handling.name) != period:
                await self._offer(schedule, period)
                self._offered[schedule.handling.name] = period
        ends = min(seconds - moment % seconds for seconds in (one.period_seconds for one in self.schedules))
        return min(ends, LONGEST_SLEEP_SECONDS)

    async def _offer(self, schedule: Schedule, period: int) -> None:
        name = schedule.handling.name
        unfinished = (
            select(OutboxMessage.seq)
            .where(
                OutboxMessage.key == name,
                is_status(OutboxMessage.status, JobStatus.queued, JobStatus.running),
            )
            .limit(1)
        )
        async with self.database.transaction() as session:
            if (await session.execute(unfinished)).one_or_none() is None:
                await enqueue(session, [job_row(schedule.handling, key=name, payload={}, once=str(period))])
