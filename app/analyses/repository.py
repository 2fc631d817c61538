"""Facts by content. Kept in units of work of their own: they hold whatever becomes of the request."""

from typing import Any

from sqlalchemy import or_, select

from app.analyses.models import Analysis
from app.contract.geometry import FACTS_VERSION, PartFacts
from app.core.clock import now
from app.core.db import Database
from app.core.upsert import insert_into


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
        """Store what was measured in place of what is older or less."""
        await self._keep(sha256, facts=facts.model_dump(mode="json"), complete=facts.complete)

    async def keep_failure(self, sha256: str, code: str, message: str) -> None:
        """Store why this content cannot be measured, in place of what is older or less."""
        await self._keep(sha256, failure_code=code, failure_message=message)

    async def _keep(self, sha256: str, *, complete: bool = True, **outcome: Any) -> None:  # noqa: ANN401 - columns
        nothing = {"facts": None, "failure_code": None, "failure_message": None}
        values = {**nothing, **outcome, "complete": complete, "facts_version": FACTS_VERSION}
        async with self.database.transaction() as session:
            statement = insert_into(session, Analysis).values(sha256=sha256, **values)
            await session.execute(
                statement.on_conflict_do_update(
                    index_elements=[Analysis.sha256],
                    set_={**values, "updated_at": now()},
                    where=or_(Analysis.facts_version < FACTS_VERSION, Analysis.complete.is_(False)),
                )
            )
