"""Letting go of contents nobody has any more."""

from app.contents.dependencies import build_contents
from app.contents.events import ContentReleased
from app.core.jobs import JobContext, on


@on(ContentReleased, name="contents.drop_unused")
async def drop_unused(context: JobContext, released: ContentReleased) -> None:
    """Remove the bytes, unless somebody has them, or has them again."""
    await build_contents(context.resources, context.session).drop_unused(released.sha256)
