"""One run of one job: the work, the commit that only the owner of the lease may make, the other endings."""

import asyncio
from enum import StrEnum

import structlog

from app.core.job_tables import JobStatus, Moment
from app.core.jobs.context import JobContext
from app.core.jobs.endings import GiveUp, LeaseLost, Postpone, Suspended
from app.core.jobs.queue import Claimed, JobQueue
from app.core.jobs.registry import Handler
from app.core.logging import without_secrets
from app.core.resources import Resources

log = structlog.get_logger("app.jobs")

WORKER_DIED = "every worker that began it died, or was stopped for longer than its lease"


class Ending(StrEnum):
    """How a run ended."""

    done = "done"
    failed = "failed"
    """To be tried again."""
    postponed = "postponed"
    waiting = "waiting"
    dead = "dead"
    refused = "refused"
    """The job belonged to another worker by then; nothing of this run was kept."""
    unsettled = "unsettled"
    """The database did not take the ending; the job is run again when its lease is over."""


class Runner:
    """Runs claimed jobs."""

    def __init__(self, queue: JobQueue, resources: Resources) -> None:
        self.queue = queue
        self.resources = resources

    async def run(self, job: Claimed) -> Ending:
        """Run a job to its end, whichever it is."""
        try:
            ending = await self._ending(self.queue.registry.handlers[job.handler], job)
        except LeaseLost:
            log.warning("late write refused", job_id=str(job.lease.job_id), handler=job.handler)
            return Ending.refused
        except Exception:
            log.exception("job not settled", job_id=str(job.lease.job_id), handler=job.handler)
            return Ending.unsettled
        log.info(
            "job run",
            job_id=str(job.lease.job_id),
            handler=job.handler,
            attempt=job.attempt,
            ending=ending.value,
        )
        return ending

    async def _ending(self, handler: Handler, job: Claimed) -> Ending:
        if job.attempt > handler.handling.retry.attempts:
            return await self._give_up(job, WORKER_DIED)
        try:
            await self._work(handler, job)
        except LeaseLost:
            raise
        except Suspended as wait:
            await self.queue.suspend(job.lease, str(wait))
            return Ending.waiting
        except Postpone as later:
            await self.queue.rest(job.lease, later.seconds, told(later), is_counted=False)
            return Ending.postponed
        except GiveUp as reason:
            return await self._give_up(job, told(reason))
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is a failed attempt
            return await self._failed(handler, job, error)
        return Ending.done

    async def _work(self, handler: Handler, job: Claimed) -> None:
        lease, database = job.lease, self.queue.database
        async with (
            asyncio.timeout(handler.handling.limit_seconds),
            database.transaction() as session,
        ):
            lease.guard(session)
            context = JobContext(lease, job.attempt, session, database, self.resources)
            await handler.run(context, job.payload)
            await lease.fence(
                session, status=JobStatus.done, finished_at=Moment(), lease_until=None, error=None
            )

    async def _failed(self, handler: Handler, job: Claimed, error: Exception) -> Ending:
        retry = handler.handling.retry
        if job.attempt >= retry.attempts:
            return await self._give_up(job, told(error))
        log.warning(
            "job failed",
            job_id=str(job.lease.job_id),
            handler=job.handler,
            attempt=job.attempt,
            exc_info=error,
        )
        await self.queue.rest(job.lease, retry.rest_seconds(job.attempt), told(error))
        return Ending.failed

    async def _give_up(self, job: Claimed, reason: str) -> Ending:
        await self.queue.park(job.lease, reason)
        log.error("job given up", job_id=str(job.lease.job_id), handler=job.handler, reason=reason)
        return Ending.dead


def told(error: Exception) -> str:
    """The error in words for those who look after dead jobs: without secrets, storable, not endless."""
    kind = "" if isinstance(error, GiveUp | Postpone) else f"{type(error).__name__}: "
    text = str(without_secrets(None, "", {"error": f"{kind}{error}".removesuffix(": ")})["error"])
    return text.encode(errors="replace").decode().replace("\0", "")
