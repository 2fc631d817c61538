"""Looking after jobs."""

from collections.abc import Sequence
from uuid import UUID

from app.audit.service import Actor, AuditLog
from app.background.errors import JobMissing, JobNotParked
from app.background.repository import JobRepository
from app.background.schemas import JobQuery
from app.core.job_tables import JobProgress, JobStatus, OutboxMessage
from app.core.pagination import Slice

PARKED = {JobStatus.queued, JobStatus.waiting, JobStatus.dead}
KIND = "job"


class JobReader:
    """Looking at jobs."""

    def __init__(self, jobs: JobRepository) -> None:
        self.jobs = jobs

    async def search(self, query: JobQuery) -> Slice[OutboxMessage]:
        """The jobs that were asked for."""
        return await self.jobs.list_all(query)

    async def get(self, job_id: UUID) -> OutboxMessage:
        """One job.

        Raises:
            JobMissing: there is none.
        """
        job = await self.jobs.find(job_id)
        if job is None:
            raise JobMissing
        return job

    async def progress(self, job_id: UUID, after: int = 0) -> Sequence[JobProgress]:
        """How far a job has come, oldest news first; ``after`` goes on behind the ``seq`` seen last."""
        return await self.jobs.progress(job_id, after)

    async def counts(self) -> Sequence[tuple[str, JobStatus, int]]:
        """How many jobs each handler has in each status."""
        return await self.jobs.counts()

    async def dead(self, handler: str | None = None) -> Sequence[UUID]:
        """What was given up, oldest first."""
        return await self.jobs.dead(handler)


class JobKeeper:
    """Trying jobs again, and dropping them."""

    def __init__(self, jobs: JobRepository, audit: AuditLog) -> None:
        self.jobs = jobs
        self.audit = audit

    async def retry(self, actor: Actor, job_id: UUID) -> OutboxMessage:
        """Run a job now that was given up, or that rests before its next attempt.

        Raises:
            JobMissing: there is none.
            JobNotParked: it waits for a signal, is running or done.
        """
        job = await self._parked(job_id, PARKED - {JobStatus.waiting})
        before = {"status": job.status, "attempts": job.attempts, "error": job.error}
        await self.jobs.requeue(job)
        after = {"status": job.status, "attempts": job.attempts, "error": job.error}
        await self.audit.record(actor, "job.retried", KIND, job.id, before=before, after=after)
        return job

    async def drop(self, actor: Actor, job_id: UUID) -> None:
        """Forget a job that was given up, waits, or is still to be run; what it has done stays done.

        Raises:
            JobMissing: there is none.
            JobNotParked: it is running or done.
        """
        job = await self._parked(job_id, PARKED)
        told = {
            "handler": job.handler,
            "key": job.key,
            "status": job.status,
            "payload": job.payload,
            "error": job.error,
        }
        await self.jobs.remove(job)
        await self.audit.record(actor, "job.dropped", KIND, job_id, before=told)

    async def _parked(self, job_id: UUID, allowed: set[JobStatus]) -> OutboxMessage:
        job = await self.jobs.find_for_update(job_id)
        if job is None:
            raise JobMissing
        if job.status not in allowed:
            raise JobNotParked(f"The job is {job.status}; this is for {', '.join(sorted(allowed))} ones.")
        return job
