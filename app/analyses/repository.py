"""Facts by content. Kept in units of work of their own: they hold whatever becomes of the request."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.analyses.models import Analysis
from app.contract.geometry import PartFacts
from app.core.db import Database


class AnalysisRepository:
    """The store of what was measured."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def find(self, sha256: str) -> Analysis | None:
        """What is known of this content."""
        async with self.database.reading() as session:
            return (
                await session.execute(select(Analysis).where(Analysis.sha256 == sha256))
            ).scalar_one_or_none()

    async def keep_facts(self, sha256: str, facts: PartFacts) -> None:
        """Store what was measured; whoever was first wins."""
        await self._keep(Analysis(sha256=sha256, facts=facts.model_dump(mode="json")))

    async def keep_failure(self, sha256: str, code: str, message: str) -> None:
        """Store why this content cannot be measured."""
        await self._keep(Analysis(sha256=sha256, failure_code=code, failure_message=message))

    async def _keep(self, analysis: Analysis) -> None:
        try:
            async with self.database.transaction() as session:
                session.add(analysis)
                await session.flush()
        except IntegrityError:
            return  # a twin measured the same content at the same moment
