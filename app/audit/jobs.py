"""Keeping the audit log sealed."""

import structlog

from app.audit.dependencies import audit_log
from app.core.db import after_commit
from app.core.jobs import JobContext, every

log = structlog.get_logger("app.audit")


@every("5 s", name="audit.seal")
async def seal(context: JobContext) -> None:
    """Put new acts into the chain; its head goes to the logs, where nobody who writes to the database can."""
    head = await audit_log(context.session).seal()

    async def note() -> None:
        log.info("audit sealed", head=str(head))

    if head is not None:
        after_commit(context.session, note)
