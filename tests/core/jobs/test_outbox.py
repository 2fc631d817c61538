from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import pytest

from app.core.db import Database
from app.core.events import Event
from app.core.job_tables import JobStatus
from app.core.jobs import JobContext, on
from app.core.outbox import Outbox
from tests.support.jobs import Happened, Workshop

ID = UUID("01a1f8f6-5d3f-74ad-8373-0e819c838213")


class Colour(StrEnum):
    red = "red"


@dataclass(frozen=True)
class Painted(Event):
    name: ClassVar[str] = "tests.painted"

    part_id: UUID
    colour: Colour
    at: datetime
    coats: int = 1


@dataclass(frozen=True)
class Rang(Event):
    name: ClassVar[str] = "tests.rang"


@on(Happened, name="tests.first")
async def first(_: JobContext, __: Happened) -> None: ...


@on(Happened, name="tests.second")
async def second(_: JobContext, __: Happened) -> None: ...


class TestPublish:
    async def test_every_subscriber_gets_a_job_of_its_own(self, live: Database) -> None:
        workshop = Workshop(live, first, second)

        ids = await workshop.publish(Happened("lathe", 3))

        jobs = await workshop.jobs()
        assert [job.id for job in jobs] == ids
        assert [(job.handler, job.key) for job in jobs] == [
            ("tests.first", "tests.first:lathe"),
            ("tests.second", "tests.second:lathe"),
        ]
        assert {job.event for job in jobs} == {"tests.happened"}
        assert jobs[0].payload == {"thing": "lathe", "number": 3}
        assert jobs[0].status is JobStatus.queued

    async def test_nobody_listens_and_nothing_is_written(self, live: Database) -> None:
        workshop = Workshop(live, first)

        assert await workshop.publish(Rang()) == []
        assert await workshop.jobs() == []

    async def test_what_is_rolled_back_was_never_published(self, live: Database) -> None:
        workshop = Workshop(live, first)

        async def publish_and_fail() -> None:
            async with live.transaction() as session:
                await Outbox(session, workshop.registry).publish(Happened())
                raise LookupError

        with pytest.raises(LookupError):
            await publish_and_fail()

        assert await workshop.jobs() == []
        assert await workshop.run_ready() == []

    async def test_the_same_words_are_published_once(self, live: Database) -> None:
        workshop = Workshop(live, first, second)

        ids = await workshop.publish(Happened(), once="invoice 7 is due")
        again = await workshop.publish(Happened(), once="invoice 7 is due")
        other = await workshop.publish(Happened(), once="invoice 8 is due")

        assert again == ids
        assert len({*ids, *other}) == len(await workshop.jobs()) == 4

    async def test_they_are_remembered_when_the_job_is_done(self, live: Database) -> None:
        workshop = Workshop(live, first)
        await workshop.publish(Happened(), once="x")
        await workshop.run_ready()

        await workshop.publish(Happened(), once="x")

        assert await workshop.run_ready() == []
        assert await workshop.statuses() == [JobStatus.done]

    async def test_without_words_every_publication_counts(self, live: Database) -> None:
        workshop = Workshop(live, first)

        await workshop.publish(Happened())
        await workshop.publish(Happened())

        assert len(await workshop.run_ready()) == 2

    async def test_a_job_may_be_meant_for_later(self, live: Database) -> None:
        workshop = Workshop(live, first)
        await workshop.publish(Happened(), delay_seconds=3600)

        assert await workshop.run_ready() == []

        await workshop.rests_end()
        assert len(await workshop.run_ready()) == 1

    async def test_an_event_arrives_as_it_was_sent(self, live: Database) -> None:
        seen: list[Painted] = []

        @on(Painted, name="tests.look")
        async def look(_: JobContext, event: Painted) -> None:
            seen.append(event)

        workshop = Workshop(live, look)
        painted = Painted(ID, Colour.red, datetime(2026, 11, 20, 12, 30, tzinfo=UTC))

        await workshop.publish(painted)
        await workshop.run_ready()

        assert seen == [painted]

    async def test_endless_keys_find_room(self, live: Database) -> None:
        workshop = Workshop(live, first)

        await workshop.publish(Happened("x" * 1000))
        await workshop.publish(Happened("x" * 999 + "y"))

        keys = [job.key for job in await workshop.jobs()]
        assert len(set(keys)) == 2
        assert all(len(key) <= 255 for key in keys)


class TestSignal:
    async def test_a_job_that_is_not_there_hears_nothing(self, live: Database) -> None:
        assert await Workshop(live).signal(ID, "approved") is False
