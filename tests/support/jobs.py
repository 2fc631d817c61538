"""Background jobs in tests: handlers over a database of the test's own, run one by one or by real workers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select, text, true, update

from app.core.db import Database
from app.core.events import Event
from app.core.job_tables import JobStatus, Moment, OutboxMessage
from app.core.jobs.figures import JobFigures
from app.core.jobs.queue import Claimed, JobQueue
from app.core.jobs.registry import Handler, Registry
from app.core.jobs.runner import Ending, Runner
from app.core.jobs.worker import Worker
from app.core.metrics import Metrics
from app.core.outbox import Outbox
from app.core.resources import Resources
from app.core.sections import JobsSection

LEASE_SECONDS = 20.0


async def run_jobs(resources: Resources) -> list[Ending]:
    """Run what the application has to do, and what comes of it, until nothing is ready."""
    queue = JobQueue(
        resources.get(Database), resources.get(Registry), worker="test", lease_seconds=LEASE_SECONDS
    )
    endings = []
    await queue.open()
    while claimed := await queue.claim(1):
        endings += [await Runner(queue, resources).run(job) for job in claimed]
    return endings


@dataclass(frozen=True)
class Happened(Event):
    """Something happened to a thing, for the so-manieth time."""

    name: ClassVar[str] = "tests.happened"

    thing: str = "thing"
    number: int = 0


class Workshop:
    """An outbox with its handlers; ``take`` and ``run`` are what a worker does, step by step."""

    def __init__(self, database: Database, *handlers: Handler) -> None:
        self.database = database
        self.registry = Registry(handlers)
        self.resources = Resources(self.registry, database)

    def queue(self, worker: str = "one", *, database: Database | None = None) -> JobQueue:
        """The outbox as a worker of this name sees it."""
        return JobQueue(database or self.database, self.registry, worker=worker, lease_seconds=LEASE_SECONDS)

    async def publish(self, event: Event, **options: Any) -> list[UUID]:
        async with self.database.transaction() as session:
            return await Outbox(session, self.registry).publish(event, **options)

    async def signal(self, job_id: UUID, topic: str, payload: Any = None) -> bool:
        async with self.database.transaction() as session:
            return await Outbox(session, self.registry).signal(job_id, topic, payload)

    async def run(self, job: Claimed, queue: JobQueue | None = None) -> Ending:
        return await Runner(queue or self.queue(), self.resources).run(job)

    async def run_ready(self) -> list[Ending]:
        """Run what may run now, and what becomes ready by that, until nothing is."""
        queue, endings = self.queue(), []
        await queue.open()
        while claimed := await queue.claim(1):
            endings += [await self.run(job) for job in claimed]
        return endings

    async def jobs(self) -> Sequence[OutboxMessage]:
        """Every row, in the order of publishing."""
        async with self.database.reading() as session:
            return (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.seq))).all()

    async def statuses(self) -> list[JobStatus]:
        return [job.status for job in await self.jobs()]

    async def done(self, handler: str) -> None:
        """Wait until a job of this handler is done."""
        wanted = (handler, JobStatus.done)
        while wanted not in {(job.handler, job.status) for job in await self.jobs()}:  # noqa: ASYNC110 - a worker does it
            await asyncio.sleep(0.02)

    async def clock(self) -> datetime:
        """The database's."""
        async with self.database.reading() as session:
            return (await session.execute(select(Moment()))).scalar_one()

    async def leases_end(self) -> None:
        """As if no worker had shown a sign of life for longer than a lease."""
        await self._change(OutboxMessage.lease_until.is_not(None), lease_until=Moment(-1))

    async def rests_end(self) -> None:
        """As if every job had rested long enough."""
        await self._change(OutboxMessage.status == JobStatus.queued, run_at=Moment())

    async def changed(self, **values: Any) -> None:
        """Other values in every job."""
        await self._change(true(), **values)

    async def _change(self, condition: Any, **values: Any) -> None:
        async with self.database.transaction() as session:
            statement = update(OutboxMessage).where(condition).values(**values)
            await session.execute(statement.execution_options(synchronize_session=False))

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.database.reading() as session:
            return [tuple(row) for row in await session.execute(text(statement))]

    @asynccontextmanager
    async def working(self, name: str = "one", **settings: Any) -> AsyncIterator[Worker]:
        """A real worker with all its loops."""
        queue = self.queue(name)
        section = JobsSection(poll_seconds=0.02, **settings)
        figures = JobFigures(Metrics().registry)
        worker = Worker(queue, Runner(queue, self.resources), section, figures)
        await worker.start()
        try:
            yield worker
        finally:
            await worker.stop()
