"""Publishing: an event becomes one job for each of its subscribers, in the transaction of what it tells of.

No commit, no job; commit, no loss. A worker runs the job afterwards, so whatever becomes of it does not touch
the request that published.
"""

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.events import Event
from app.core.job_tables import KEY_CHARS, JobSignal, JobStatus, Moment, OutboxMessage, is_status
from app.core.jobs.enqueue import enqueue, insert_new, job_row
from app.core.jobs.registry import Registry
from app.core.resources import Resources


class Outbox:
    """The outbox of one unit of work."""

    def __init__(self, session: AsyncSession, registry: Registry) -> None:
        self.session = session
        self.registry = registry

    async def publish(
        self, event: Event, *, once: str | None = None, delay_seconds: float = 0.0
    ) -> list[UUID]:
        """Tell every subscriber; the ids of their jobs.

        ``once``: words that make this publication the only one of its kind. A second one under the same
        words does nothing, also when the jobs of the first are done (for as long as done jobs are kept).
        """
        rows = [
            job_row(
                subscription.handling,
                event=event.name,
                key=_key(subscription.lane, event.key),
                payload=subscription.json.dump_python(event, mode="json", warnings="error"),
                once=once,
            )
            for subscription in self.registry.listening(event)
        ]
        if rows:
            await enqueue(self.session, rows, delay_seconds)
        return [row["id"] for row in rows]

    async def forget(self, event: Event) -> None:
        """Drop every job there is of this kind of event about the same thing, done or not."""
        keys = [_key(subscription.lane, event.key) for subscription in self.registry.listening(event)]
        await self.session.execute(
            delete(OutboxMessage)
            .where(OutboxMessage.event == event.name, OutboxMessage.key.in_(keys))
            .execution_options(synchronize_session=False)
        )

    async def signal(self, job_id: UUID, topic: str, payload: Any = None) -> bool:  # noqa: ANN401 - anything JSON
        """Tell a job what it waits for, or will wait for; the first word on a topic counts.

        Returns whether there is such a job.
        """
        mine = OutboxMessage.id == job_id
        row = select(OutboxMessage.seq).where(mine).with_for_update()  # nobody may lie down to wait meanwhile
        if (await self.session.execute(row)).one_or_none() is None:
            return False
        await insert_new(self.session, JobSignal, [{"job_id": job_id, "topic": topic, "payload": payload}])
        waiting = is_status(OutboxMessage.status, JobStatus.waiting)
        await self.session.execute(
            update(OutboxMessage)
            .where(mine, waiting, OutboxMessage.waits_for == topic)
            .values(status=JobStatus.queued, run_at=Moment(), waits_for=None)
            .execution_options(synchronize_session=False)
        )
        return True


def _key(lane: str, about: str) -> str:
    """The queue of a lane's jobs about the same thing; what is too long for the column is digested."""
    key = f"{lane}:{about}"
    return key if len(key) <= KEY_CHARS else f"{lane}:{hashlib.sha256(about.encode()).hexdigest()}"


def build_outbox(resources: Resources, session: AsyncSession) -> Outbox:
    """The outbox over a database session."""
    return Outbox(session, resources.get(Registry))
