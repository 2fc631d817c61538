"""The questions asked about jobs by those who look after them."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, or_, select

from app.background.schemas import JobQuery, JobSort
from app.core.job_tables import JobProgress, JobStatus, Moment, OutboxMessage, is_status
from app.core.pagination import Slice
from app.core.repository import Ordering, Repository, contains

ORDER_BY: dict[JobSort, Ordering] = {
    JobSort.newest: Ordering(OutboxMessage.created_at, descending=True),
    JobSort.oldest: Ordering(OutboxMessage.created_at),
}


class JobRepository(Repository[OutboxMessage]):
    """Jobs of the outbox."""

    model: ClassVar[type[OutboxMessage]] = OutboxMessage

    async def list_all(self, query: JobQuery) -> Slice[OutboxMessage]:
        """The jobs that were asked for."""
        statement = select(OutboxMessage)
        if query.status:
            statement = statement.where(OutboxMessage.status.in_(query.status))
        if query.handler is not None:
            statement = statement.where(OutboxMessage.handler == query.handler)
        if query.key is not None:
            statement = statement.where(OutboxMessage.key == query.key)
        if query.search:
            columns = (OutboxMessage.handler, OutboxMessage.key, OutboxMessage.error)
            statement = statement.where(or_(*(contains(column, query.search) for column in columns)))
        return await self._slice(statement, query, ORDER_BY[query.sort])

    async def find(self, job_id: UUID) -> OutboxMessage | None:
        """One job."""
        return await self._one(select(OutboxMessage).where(OutboxMessage.id == job_id))

    async def find_for_update(self, job_id: UUID) -> OutboxMessage | None:
        """One job, which nobody else may take or end meanwhile."""
        return await self._one(select(OutboxMessage).where(OutboxMessage.id == job_id).with_for_update())

    async def dead(self, handler: str | None) -> Sequence[UUID]:
        """The ids of what was given up, oldest first."""
        statement = select(OutboxMessage.id).where(is_status(OutboxMessage.status, JobStatus.dead))
        if handler is not None:
            statement = statement.where(OutboxMessage.handler == handler)
        return (await self.session.scalars(statement.order_by(OutboxMessage.seq))).all()

    async def counts(self) -> Sequence[tuple[str, JobStatus, int]]:
        """How many jobs each handler has in each status."""
        statement = (
            select(OutboxMessage.handler, OutboxMessage.status, func.count())
            .group_by(OutboxMessage.handler, OutboxMessage.status)
            .order_by(OutboxMessage.handler, OutboxMessage.status)
        )
        return [(row[0], row[1], row[2]) for row in await self.session.execute(statement)]

    async def progress(self, job_id: UUID, after: int) -> Sequence[JobProgress]:
        """What a job told of its progress since the row with this number."""
        statement = select(JobProgress).where(JobProgress.job_id == job_id, JobProgress.seq > after)
        return (await self.session.scalars(statement.order_by(JobProgress.seq))).all()

    async def requeue(self, job: OutboxMessage) -> None:
        """To be run at once, with all its attempts before it."""
        job.status, job.attempts, job.finished_at = JobStatus.queued, 0, None
        job.run_at = Moment()  # the database's clock, when it is written
        await self.session.flush()
        await self.session.refresh(job)
