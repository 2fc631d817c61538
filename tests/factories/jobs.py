"""Jobs in any state."""

from datetime import UTC, datetime
from typing import Any

from app.core.db import Database
from app.core.job_tables import JobStatus, OutboxMessage


async def make_job(db: Database, **changes: Any) -> OutboxMessage:
    """A job that was given up."""
    job = OutboxMessage(
        **{
            "event": "tests.happened",
            "handler": "tests.call_neighbour",
            "key": "tests.call_neighbour:thing",
            "holds_key": False,
            "payload": {"thing": "thing"},
            "status": JobStatus.dead,
            "run_at": datetime(2026, 11, 20, tzinfo=UTC),
            "attempts": 10,
            "error": "ConnectError: nobody there",
            **changes,
        }
    )
    async with db.transaction() as session:
        session.add(job)
    return job
