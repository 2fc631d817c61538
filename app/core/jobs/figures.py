"""What a worker counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import func, select

from app.core.db import Database
from app.core.job_tables import JobStatus, Moment, OutboxMessage, is_status
from app.core.metrics import SECONDS

SHOWN = (JobStatus.queued, JobStatus.running, JobStatus.waiting, JobStatus.dead)


class JobFigures:
    """The figures of one worker, and those of the whole outbox."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.runs = Counter("jobs_runs", "Ended runs of jobs", ("handler", "ending"), registry=registry)
        self.durations = Histogram(
            "jobs_run_seconds", "Time of a run", ("handler",), buckets=SECONDS, registry=registry
        )
        self.running = Gauge("jobs_running", "Runs going on in this worker", registry=registry)
        self.rows = Gauge("jobs_rows", "Unfinished jobs of the installation", ("status",), registry=registry)
        self.overdue = Gauge(
            "jobs_overdue_seconds", "How long the oldest job that is due has been waiting", registry=registry
        )

    async def look(self, database: Database) -> None:
        """Count what is in the outbox."""
        unfinished = is_status(OutboxMessage.status, *SHOWN)
        counts = select(OutboxMessage.status, func.count()).where(unfinished).group_by(OutboxMessage.status)
        queued = is_status(OutboxMessage.status, JobStatus.queued)
        first = select(OutboxMessage.run_at, Moment()).where(queued).order_by(OutboxMessage.run_at).limit(1)
        async with database.reading() as session:
            found = {row[0]: row[1] for row in await session.execute(counts)}
            oldest = (await session.execute(first)).one_or_none()
        for status in SHOWN:
            self.rows.labels(status).set(found.get(status, 0))
        self.overdue.set(max(0.0, (oldest[1] - oldest[0]).total_seconds()) if oldest else 0.0)
