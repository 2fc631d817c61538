"""How the service of contents is built."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.contents.repository import ContentRepository
from app.contents.service import ContentService
from app.core.db import Database
from app.core.outbox import build_outbox
from app.core.resources import Resources
from app.core.storage import Storage


def build_contents(resources: Resources, session: AsyncSession) -> ContentService:
    """Contents over a database session."""
    return ContentService(
        ContentRepository(session),
        resources.get(Database),
        resources.get(Storage),
        build_outbox(resources, session),
    )
