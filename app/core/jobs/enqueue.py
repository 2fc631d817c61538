"""Writing jobs into the outbox."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.job_tables import JobStatus, Moment, OutboxMessage
from app.core.jobs.definitions import Handling
from app.core.models import Base, new_id

NAMESPACE = UUID("5f0e6b5c-6d0b-4f43-8a1d-8f2d0c9a7a31")


def job_id(handler: str, once: str | None) -> UUID:
    """The id of a handler's job: the same for the same words, a new one without any."""
    return new_id() if once is None else uuid5(NAMESPACE, f"{handler}\n{once}")


def job_row(
    handling: Handling,
    *,
    event: str | None = None,
    key: str,
    payload: dict[str, Any],
    once: str | None = None,
) -> dict[str, Any]:
    """The columns of a new job."""
    return {
        "id": job_id(handling.name, once),
        "event": event,
        "handler": handling.name,
        "key": key,
        "holds_key": handling.holds_key,
        "payload": payload,
        "status": JobStatus.queued,
    }


async def insert_new(
    session: AsyncSession,
    table: type[Base],
    rows: Sequence[dict[str, Any]],
    **computed: Any,  # noqa: ANN401 - SQL expressions
) -> None:
    """Insert the rows that are not there yet, ``computed`` columns in each; one statement."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table.__table__).values(**computed).on_conflict_do_nothing()
    await session.execute(statement, rows if len(rows) > 1 else rows[0])


async def enqueue(session: AsyncSession, rows: Sequence[dict[str, Any]], delay_seconds: float = 0.0) -> None:
    """Store jobs to be run after so many seconds; an id that was there before stays as it is."""
    await insert_new(session, OutboxMessage, rows, run_at=Moment(delay_seconds))
