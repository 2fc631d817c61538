import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from sqlalchemy import update

from app.analyses.client import GeometryClient
from app.analyses.errors import CadInvalid
from app.analyses.leases import Leases
from app.analyses.models import FACTS, Analysis, ContentLease
from app.analyses.repository import AnalysisRepository
from app.analyses.running import Running
from app.analyses.service import AnalysisService, Content
from app.contract.geometry import FACTS_VERSION
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.http import Upstream, make_client
from app.core.job_tables import Moment
from app.core.quotas import QuotaExceeded
from app.files.incoming import in_pieces
from tests.support.calculator import StandInCalculator, facts, refusal

SHA = "b" * 64
PART = Content(SHA, "part.step", partial(in_pieces, b"part"))


@dataclass
class Process:
    """What one process of the API has of its own."""

    service: AnalysisService
    running: Running


@asynccontextmanager
async def process_over(db: Database, calculator: StandInCalculator) -> AsyncIterator[Process]:
    running = Running()
    async with make_client(transport=httpx.ASGITransport(app=calculator.app())) as client:
        geometry = GeometryClient(Upstream("calculator", "http://calculator.test", client))
        service = AnalysisService(AnalysisRepository(db), geometry, Leases(db), running)
        yield Process(service, running)
        await running.close()


async def until(condition: str, calculator: StandInCalculator) -> None:
    while not getattr(calculator, condition):  # noqa: ASYNC110 - the stand-in tells nobody
        await asyncio.sleep(0.01)


async def change(db: Database, statement: object) -> None:
    async with db.transaction() as session:
        await session.execute(statement)  # type: ignore[call-overload] # an update


class TestMeasuring:
    @pytest.mark.parametrize("processes", [1, 2])
    async def test_happens_once_however_many_ask_at_the_same_moment(
        self, live: Database, processes: int
    ) -> None:
        calculator = StandInCalculator(free=asyncio.Event())
        async with process_over(live, calculator) as one, process_over(live, calculator) as two:
            asked = [one, two][:processes] * 4
            waiting = [asyncio.create_task(process.service.facts_of(PART)) for process in asked]
            await until("analysed", calculator)
            calculator.free.set()  # type: ignore[union-attr] # set above
            found = await asyncio.gather(*waiting)

        assert len(calculator.analysed) == 1
        assert len(set(found)) == 1

    async def test_is_taken_over_from_a_process_that_died(self, live: Database) -> None:
        leases, calculator = Leases(live), StandInCalculator()
        assert await leases.claim(SHA, FACTS) is not None
        async with process_over(live, calculator) as process:
            waiting = asyncio.create_task(process.service.facts_of(PART))
            await asyncio.sleep(0.3)
            assert calculator.analysed == []
            await change(live, update(ContentLease).values(until=Moment(-1)))

            await waiting

        assert len(calculator.analysed) == 1

    async def test_that_fails_elsewhere_is_begun_again_here(self, live: Database) -> None:
        away, there = StandInCalculator(down=True, free=asyncio.Event()), StandInCalculator()
        held = await Leases(live).claim(SHA, FACTS)
        assert held is not None
        async with process_over(live, away) as one, process_over(live, there) as two:
            waiting = asyncio.create_task(two.service.facts_of(PART))
            async with Leases(live).kept(held):
                await asyncio.sleep(0.15)
            await waiting
            known = await one.service.facts_of(PART)

        assert (len(there.analysed), away.analysed) == (1, [])
        assert known.volume_mm3 == 1920.0

    async def test_goes_on_when_whoever_asked_has_left(self, live: Database) -> None:
        calculator = StandInCalculator(free=asyncio.Event())
        async with process_over(live, calculator) as process:
            impatient = await process.service.facts_within(0.05, PART)
            calculator.free.set()  # type: ignore[union-attr] # set above
            patient = await process.service.facts_of(PART)

        assert impatient is None
        assert patient.complete
        assert len(calculator.analysed) == 1

    async def test_leaves_no_lease_behind(self, live: Database) -> None:
        async with process_over(live, StandInCalculator(down=True)) as process:
            with pytest.raises(Unavailable):
                await process.service.facts_of(PART)

        assert await Leases(live).claim(SHA, FACTS) is not None

    async def test_of_a_new_part_is_charged_once(self, live: Database) -> None:
        charged: list[str] = []

        async def charge() -> None:
            charged.append(SHA)

        async with process_over(live, StandInCalculator()) as process:
            await asyncio.gather(*(process.service.facts_of(PART, charge=charge) for _ in range(3)))
            await process.service.facts_of(PART, charge=charge)

        assert charged == [SHA]

    async def test_is_not_begun_for_whoever_had_enough(self, live: Database) -> None:
        async def charge() -> None:
            raise QuotaExceeded

        calculator = StandInCalculator()
        async with process_over(live, calculator) as process:
            with pytest.raises(QuotaExceeded):
                await process.service.facts_of(PART, charge=charge)

        assert calculator.analysed == []


class TestOlderFacts:
    async def kept_as(self, db: Database, **values: object) -> Analysis:
        async with process_over(db, StandInCalculator()) as process:
            await process.service.facts_of(PART)
        await change(db, update(Analysis).values(**values))
        known = await AnalysisRepository(db).find(SHA)
        assert known is not None
        return known

    async def test_are_measured_again_when_asked_for(self, live: Database) -> None:
        known = await self.kept_as(live, facts_version=FACTS_VERSION - 1)
        calculator = StandInCalculator(facts=facts(area_mm2=7.0))
        async with process_over(live, calculator) as process:
            found = await process.service.facts_of(PART, known)
            again = await process.service.facts_of(PART)

        assert (found.area_mm2, again.area_mm2) == (7.0, 7.0)
        assert len(calculator.analysed) == 1

    async def test_are_told_while_the_calculator_is_away(self, live: Database) -> None:
        known = await self.kept_as(live, facts_version=FACTS_VERSION - 1)
        async with process_over(live, StandInCalculator(down=True)) as process:
            found = await process.service.facts_within(5.0, PART, known)

        assert found is not None
        assert found.area_mm2 == 992.0

    async def test_of_another_shape_are_as_good_as_none(self, live: Database) -> None:
        known = await self.kept_as(live, facts_version=FACTS_VERSION - 1, facts={"colour": "red"})
        async with process_over(live, StandInCalculator(down=True)) as process:
            assert await process.service.facts_within(5.0, PART, known) is None

    async def test_of_a_newer_release_are_left_alone(self, live: Database) -> None:
        await self.kept_as(live, facts_version=FACTS_VERSION + 1)
        calculator = StandInCalculator()
        async with process_over(live, calculator) as process:
            await process.service.facts_of(PART)

        assert calculator.analysed == []

    async def test_a_refusal_of_an_older_release_is_tried_again(self, live: Database) -> None:
        async with process_over(live, StandInCalculator(analysis_answer=refusal(422, "cad-invalid"))) as one:
            with pytest.raises(CadInvalid):
                await one.service.facts_of(PART)
        await change(live, update(Analysis).values(facts_version=FACTS_VERSION - 1))
        async with process_over(live, StandInCalculator()) as two:
            found = await two.service.facts_of(PART)

        assert found.volume_mm3 == 1920.0

    async def test_incomplete_ones_are_kept_until_there_are_better(self, live: Database) -> None:
        async with process_over(live, StandInCalculator(facts=facts(complete=False))) as process:
            await process.service.facts_of(PART)
        kept = await AnalysisRepository(live).find(SHA)
        async with process_over(live, StandInCalculator()) as process:
            better = await process.service.facts_of(PART, kept)

        assert kept is not None
        assert not kept.complete
        assert better.complete
        assert (await AnalysisRepository(live).find(SHA)).is_current  # type: ignore[union-attr] # kept
