"""What nobody goes on with does not stay for ever."""

import structlog

from app.core.jobs import JobContext, every
from app.uploads.dependencies import build_uploads

log = structlog.get_logger("app.uploads")


@every("10 min", name="uploads.expire")
async def expire(context: JobContext) -> None:
    """End uploads that were left alone, and remove pieces that belong to none."""
    uploads = build_uploads(context.resources)
    await uploads.expire()
    log.info("uploads tidied", orphans=await uploads.remove_orphans())


@every("1 min", name="uploads.finish")
async def finish(context: JobContext) -> None:
    """Make files of uploads that are full and whose last request was killed."""
    await build_uploads(context.resources).finish_left()
