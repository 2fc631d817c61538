import asyncio

from app.analyses.repository import AnalysisRepository
from app.analyses.service import facts_from
from app.contract.geometry import PartFacts
from app.core.db import Database
from tests.support.calculator import facts

SHA = "a" * 64


class TestKeep:
    async def test_twins_keep_one_outcome(self, live: Database) -> None:
        analyses = AnalysisRepository(live)
        measured = PartFacts.model_validate(facts())

        await asyncio.gather(
            *(analyses.keep_facts(SHA, measured) for _ in range(4)),
            analyses.keep_failure(SHA, "cad-invalid", "no"),
        )

        assert await analyses.find(SHA) is not None

    async def test_facts_come_back_to_the_digit(self, db: Database) -> None:
        analyses = AnalysisRepository(db)
        measured = PartFacts.model_validate(facts(volume_mm3=0.1 + 0.2, seconds=1e-9))

        await analyses.keep_facts(SHA, measured)
        kept = await analyses.find(SHA)

        assert kept is not None
        assert facts_from(kept) == measured
