"""Done jobs are kept for a while, as proof and so that nothing is done twice; then they go."""

from sqlalchemy import CursorResult, delete, select

from app.core.config import Settings
from app.core.job_tables import JobStatus, Moment, OutboxMessage, is_status
from app.core.jobs.context import JobContext
from app.core.jobs.definitions import every
from app.core.jobs.registry import Registry

AT_ONCE = 500
"""Few enough not to keep other writers waiting."""
DAY_SECONDS = 86400


@every("1 h", name="jobs.prune")
async def prune(context: JobContext) -> None:
    """Delete jobs that were done long ago, with their steps, signals and progress.

    Runs of schedules whose period is longer than that stay: without them a period could be run twice.
    """
    kept_seconds = context.resources.get(Settings).jobs.keep_days * DAY_SECONDS
    schedules = context.resources.get(Registry).schedules
    rare = [one.handling.name for one in schedules if one.period_seconds >= kept_seconds]
    old = (
        select(OutboxMessage.seq)
        .where(
            is_status(OutboxMessage.status, JobStatus.done),
            OutboxMessage.finished_at < Moment(-kept_seconds),
            OutboxMessage.handler.not_in(rare),
        )
        .limit(AT_ONCE)
    )
    deleted = AT_ONCE
    while deleted == AT_ONCE:
        async with context.transaction() as session:
            statement = delete(OutboxMessage).where(OutboxMessage.seq.in_(old.scalar_subquery()))
            result = await session.execute(statement.execution_options(synchronize_session=False))
            assert isinstance(result, CursorResult)
            deleted = result.rowcount
