"""What a job is given: its session, its steps, its signals, and the lease it must still hold to write."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import CursorResult, Update, event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.job_tables import JobProgress, JobSignal, JobStatus, JobStep, Moment, OutboxMessage, is_status
from app.core.jobs.endings import LeaseLost, Suspended
from app.core.resources import Resources

R = TypeVar("R")

FENCED = "fenced"


@dataclass(frozen=True)
class Lease:
    """The right to write for a job, until another worker takes it over."""

    job_id: UUID
    token: UUID
    seconds: float

    def change(self, **values: Any) -> Update:  # noqa: ANN401 - whatever the columns take
        """Change the job's row if it is still ours, and renew the lease; nothing matches if it is not."""
        return (
            update(OutboxMessage)
            .where(
                OutboxMessage.id == self.job_id,
                OutboxMessage.lease_token == self.token,
                is_status(OutboxMessage.status, JobStatus.running),
            )
            .values(**{"lease_until": Moment(self.seconds), **values})
            .execution_options(synchronize_session=False)
        )

    async def fence(self, session: AsyncSession, **values: Any) -> None:  # noqa: ANN401 - as above
        """The last statement of a transaction: the row stays locked until the commit.

        Raises:
            LeaseLost: the job was taken over, dropped, or given back; the transaction must not be kept.
        """
        _must_match(await session.execute(self.change(**values)))
        session.info[FENCED] = True

    def guard(self, session: AsyncSession) -> None:
        """Fence also the commits of this session that nobody announced, such as a release in between."""

        @event.listens_for(session.sync_session, "before_commit")
        def _fence(committing: Session) -> None:
            if not committing.info.pop(FENCED, False):
                _must_match(committing.execute(self.change()))


def _must_match(result: Any) -> None:  # noqa: ANN401 - typed as a result without a count
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise LeaseLost


class JobContext:
    """What a handler works with.

    ``session`` is the unit of work of this run: what is written through it is committed together with the
    news that the job is done, or not at all. Nothing is locked before its first statement, so slow calls come
    first, or after a release: PostgreSQL ends a transaction left alone for 15 s. Handlers run at least
    once, so they look before they act on anything outside the database.
    """

    def __init__(
        self, lease: Lease, attempt: int, session: AsyncSession, database: Database, resources: Resources
    ) -> None:
        self.id = lease.job_id
        self.attempt = attempt
        """From 1; counted when a worker takes the job, also if it dies of it."""
        self.session = session
        self.resources = resources
        self._lease = lease
        self._database = database

    async def step(self, name: str, work: Callable[[AsyncSession], Awaitable[R]]) -> R:
        """Do one part of a longer job once: its effect and its result are committed together, now.

        A later run of the same job gets the stored result, which must be JSON. Nothing is locked before the
        first statement of ``work``. Steps come before the first statement of the job's own ``session``; a job
        with steps takes an event whose key is its own.
        """
        found = select(JobStep.result).where(JobStep.job_id == self.id, JobStep.name == name)
        async with self._database.reading() as session:
            taken = (await session.execute(found)).one_or_none()
        if taken is not None:
            known: R = taken[0]
            return known
        async with self.transaction() as session:
            result = await work(session)
            await session.execute(insert(JobStep).values(job_id=self.id, name=name, result=result))
        return result

    async def wait_for(self, topic: str) -> Any:  # noqa: ANN401 - whatever the signal carries
        """What the job was told on this topic (see ``Outbox.signal``).

        When it was not told yet this run ends here, for days if need be, and holds no place in any worker;
        the next run begins from the start and finds its steps taken.
        """
        asked = select(JobSignal.payload).where(JobSignal.job_id == self.id, JobSignal.topic == topic)
        async with self._database.reading() as session:
            told = (await session.execute(asked)).one_or_none()
        if told is None:
            raise Suspended(topic)
        return told[0]

    async def progress(self, **figures: Any) -> None:  # noqa: ANN401 - anything JSON
        """Tell those who watch how far the job has come; a repeated run tells it again."""
        async with self.transaction() as session:
            await session.execute(insert(JobProgress).values(job_id=self.id, payload=figures))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A unit of work apart, refused like the last one when the job was taken over; at least once."""
        if self.session.in_transaction():
            raise RuntimeError("steps and progress come before the job's own transaction, or after a release")
        async with self._database.transaction() as session:
            self._lease.guard(session)
            yield session
            await self._lease.fence(session)
