"""Acts in the audit log."""

from typing import Any
from uuid import uuid4

from app.audit.models import ActorKind, AuditRecord
from app.core.db import Database


async def make_act(db: Database, **changes: Any) -> AuditRecord:
    """Something an administrator did, not sealed yet."""
    row = AuditRecord(
        **{
            "actor_kind": ActorKind.user,
            "actor_id": uuid4(),
            "action": "user.changed",
            "object_kind": "user",
            "object_id": str(uuid4()),
            "before": {"status": "active"},
            "after": {"status": "blocked"},
            "address": "192.0.2.1",
            "request_id": "request-1",
            **changes,
        }
    )
    async with db.transaction() as session:
        session.add(row)
    return row
