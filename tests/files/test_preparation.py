"""From an upload to a part that is measured and drawn, without anybody asking."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import delete, update

from app.analyses.models import Analysis, Picture
from app.analyses.pictures import MODEL, PREPARED, PREVIEW, THUMBNAIL
from app.contract.geometry import FACTS_VERSION
from app.core.clock import now
from app.core.config import DatabaseSection, Settings
from app.core.db import Database
from app.core.job_tables import JobStatus, OutboxMessage
from app.core.jobs.running import working
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.jobs import DRAWING
from app.files.models import File
from tests.factories.auth import make_user
from tests.factories.files import make_file, stl
from tests.support.app import resources_over
from tests.support.auth import Account, account_of
from tests.support.calculator import StandInCalculator, facts, refusal
from tests.support.jobs import run_jobs

MILLING = {"service_id": "cnc-milling", "material_id": "alum_D16"}
Client = httpx.AsyncClient


@pytest.fixture
async def owner(live_resources: Resources) -> Account:
    return await account_of(live_resources, await make_user(live_resources.get(Database)))


async def shown(client: Client, owner: Account, file_id: object) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/files/{file_id}", headers=owner.headers)
    return dict(answer.json())


async def change(resources: Resources, *statements: Any) -> None:
    async with resources.get(Database).transaction() as session:
        for statement in statements:
            await session.execute(statement)


async def rests_end(resources: Resources) -> None:
    """As if every job had rested long enough."""
    queued = update(OutboxMessage).where(OutboxMessage.status == JobStatus.queued)
    await change(resources, queued.values(run_at=OutboxMessage.created_at))


class TestNewFile:
    async def test_is_measured_and_drawn(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)

        await run_jobs(live_resources)

        row = await shown(live_client, owner, file.id)
        assert (row["status"], row["failure"], row["analysis"]["volume_mm3"]) == ("ready", None, 1920.0)
        assert len(calculator.analysed) == 1
        assert sorted(calculator.drawn) == sorted([THUMBNAIL, PREVIEW, "model"])

    async def test_that_cannot_be_read_has_failed_and_is_not_drawn(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        calculator.analysis_answer = refusal(422, "cad-invalid", "There is no solid in it.")

        await run_jobs(live_resources)

        row = await shown(live_client, owner, file.id)
        assert row["status"] == "failed"
        assert row["failure"]["code"] == "cad-invalid"
        assert row["failure"]["message"].startswith("There is no solid in it. Check that ")
        assert calculator.drawn == []

    async def test_of_a_known_content_is_ready_at_once_and_costs_nothing(
        self, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        await make_file(live_resources, owner_id=owner.id)
        await run_jobs(live_resources)
        asked = len(calculator.analysed) + len(calculator.drawn)

        twin = await make_file(live_resources, owner_id=owner.id)
        await run_jobs(live_resources)

        assert twin.status == "ready"
        assert len(calculator.analysed) + len(calculator.drawn) == asked

    async def test_that_is_deleted_meanwhile_is_left_alone(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        await live_client.delete(f"/api/v1/files/{file.id}", headers=owner.headers)

        await run_jobs(live_resources)

        assert calculator.analysed == []

    async def test_is_analysing_as_long_as_that_takes(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        calculator.free = asyncio.Event()
        working = asyncio.create_task(run_jobs(live_resources))
        while not calculator.analysed:  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.01)

        row = await shown(live_client, owner, file.id)
        listed = (await live_client.get("/api/v1/files", headers=owner.headers)).json()["items"][0]
        calculator.free.set()
        await working

        assert (row["status"], listed["status"]) == ("analysing", "analysing")
        assert (await shown(live_client, owner, file.id))["status"] == "ready"

    async def test_waits_for_a_calculator_that_is_down(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        calculator.down = True
        for _ in range(3):
            await run_jobs(live_resources)
            await rests_end(live_resources)
        waiting = await live_client.get(f"/api/v1/files/{file.id}/analysis", headers=owner.headers)

        calculator.down = False
        await run_jobs(live_resources)

        assert (waiting.status_code, waiting.json()) == (202, {"status": "stored"})
        assert (await shown(live_client, owner, file.id))["status"] == "ready"


class TestPrice:
    async def price(self, client: Client, owner: Account, file_id: object) -> int:
        choice = {**MILLING, "file_id": str(file_id)}
        answer = await client.post("/api/v1/calculate-price", json=choice, headers=owner.headers)
        return answer.status_code

    async def test_and_background_measure_once_between_them(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        files = [
            await make_file(live_resources, owner_id=owner.id, content=stl(4, seed)) for seed in range(4)
        ]

        *statuses, _ = await asyncio.gather(
            *(self.price(live_client, owner, file.id) for file in files for _ in range(2)),
            run_jobs(live_resources),
        )

        assert set(statuses) == {200}
        assert len(calculator.analysed) == len(files)

    async def test_joins_what_another_process_measures(
        self,
        live_client: Client,
        live_resources: Resources,
        settings: Settings,
        owner: Account,
        calculator: StandInCalculator,
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        calculator.free = asyncio.Event()
        async with resources_over(settings, live_resources.get(Database), calculator) as worker:
            worker.add(live_resources.get(Storage))
            jobs = asyncio.create_task(run_jobs(worker))
            while not calculator.analysed:  # noqa: ASYNC110 - the stand-in tells nobody
                await asyncio.sleep(0.01)
            price = asyncio.create_task(self.price(live_client, owner, file.id))
            await asyncio.sleep(0.2)
            calculator.free.set()

            assert await price == 200
            await jobs

        assert len(calculator.analysed) == 1

    async def test_needs_no_worker(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)

        assert await self.price(live_client, owner, file.id) == 200


class TestPictures:
    async def test_wait_for_a_calculator_that_is_down(
        self, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        await make_file(live_resources, owner_id=owner.id)
        calculator.picture_answer = refusal(503, "calculator-busy")
        await run_jobs(live_resources)
        await rests_end(live_resources)
        calculator.picture_answer = None

        await run_jobs(live_resources)

        assert len(await live_resources.get(Storage).keys("pictures")) == len(PREPARED)

    async def test_the_calculator_fails_at_are_given_up(
        self, live_client: Client, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        calculator.picture_answer = refusal(400, "nonsense")
        for _ in range(DRAWING.attempts):
            await run_jobs(live_resources)
            await rests_end(live_resources)

        model = await live_client.get(f"/api/v1/files/{file.id}/model.glb", headers=owner.headers)

        assert (model.status_code, model.json()["code"]) == (422, "cad-too-complex")
        assert len(calculator.drawn) == DRAWING.attempts * len(PREPARED)

    async def test_of_parts_nobody_has_any_more_go(
        self, live_client: Client, live_resources: Resources, owner: Account
    ) -> None:
        gone = await make_file(live_resources, owner_id=owner.id)
        kept = await make_file(live_resources, owner_id=owner.id, content=stl())
        await run_jobs(live_resources)
        await live_client.delete(f"/api/v1/files/{gone.id}", headers=owner.headers)

        await run_jobs(live_resources)

        keys = await live_resources.get(Storage).keys("pictures")
        assert {key.split("/")[1] for key in keys} == {kept.sha256}
        assert len(keys) == len(PREPARED)

    async def test_that_were_drawn_too_late_go_as_well(
        self, live_client: Client, live_resources: Resources, owner: Account
    ) -> None:
        file = await make_file(live_resources, owner_id=owner.id)
        await run_jobs(live_resources)
        await change(live_resources, delete(File))

        await scheduled(live_resources, "files.sweep_pictures")

        assert await live_resources.get(Storage).keys("pictures") == []
        assert file.status == "stored"


async def scheduled(resources: Resources, name: str) -> None:
    """Run what a schedule runs."""
    job = OutboxMessage(
        handler=name, key=name, holds_key=False, payload={}, status=JobStatus.queued, run_at=now()
    )
    async with resources.get(Database).transaction() as session:
        session.add(job)
    await rests_end(resources)
    await run_jobs(resources)


class TestCatchingUp:
    async def old_file(self, resources: Resources, owner: Account, *statements: Any) -> None:
        await make_file(resources, owner_id=owner.id)
        await run_jobs(resources)
        await change(resources, update(File).values(created_at=now() - timedelta(days=1)), *statements)

    @pytest.mark.parametrize(
        "statement",
        [
            update(Analysis).values(facts_version=FACTS_VERSION - 1),
            delete(Analysis),
            update(Picture).where(Picture.kind == MODEL).values(version=0),
            delete(Picture).where(Picture.kind == PREVIEW),
        ],
        ids=["older facts", "no facts", "an older model", "no preview"],
    )
    async def test_makes_up_for_what_an_older_release_left(
        self, statement: Any, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        await self.old_file(live_resources, owner, statement)
        before = len(calculator.analysed), len(calculator.drawn)

        await scheduled(live_resources, "files.catch_up")
        after = len(calculator.analysed), len(calculator.drawn)
        await scheduled(live_resources, "files.catch_up")

        assert sum(after) - sum(before) == 1
        assert (len(calculator.analysed), len(calculator.drawn)) == after

    async def test_leaves_alone_what_is_current_or_was_stored_just_now(
        self, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        await self.old_file(live_resources, owner)
        await make_file(live_resources, owner_id=owner.id, content=stl())
        await change(live_resources, delete(OutboxMessage))
        before = len(calculator.analysed), len(calculator.drawn)

        await scheduled(live_resources, "files.catch_up")

        assert (len(calculator.analysed), len(calculator.drawn)) == before

    async def test_asks_for_incomplete_facts_no_more(
        self, live_resources: Resources, owner: Account, calculator: StandInCalculator
    ) -> None:
        calculator.facts = facts(complete=False)
        await self.old_file(live_resources, owner)
        before = len(calculator.analysed)

        await scheduled(live_resources, "files.catch_up")

        assert len(calculator.analysed) == before


async def test_a_worker_does_all_of_it_by_itself(
    live_resources: Resources, settings: Settings, owner: Account
) -> None:
    url = live_resources.get(Database).engine.url.render_as_string(hide_password=False)
    database = DatabaseSection(url=SecretStr(url))
    await make_file(live_resources, owner_id=owner.id)

    async with working(settings.model_copy(update={"database": database}), live_resources):
        while len(await live_resources.get(Storage).keys("pictures")) < len(PREPARED):  # noqa: ASYNC110 - a worker does it
            await asyncio.sleep(0.05)
