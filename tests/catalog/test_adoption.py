import asyncio

import httpx
import pytest
from fastapi import FastAPI

from app.catalog import jobs
from app.catalog.client import CatalogClient
from app.catalog.dependencies import build_catalogue
from app.catalog.errors import CatalogInvalid
from app.catalog.library import VersionLibrary
from app.core.config import Settings
from app.core.db import Database
from app.core.http import Upstream, make_client
from app.core.jobs.runner import Ending
from app.core.jobs.schedules import Schedules
from app.core.resources import Resources
from tests.factories.auth import make_user
from tests.factories.catalog import VERSIONS, changed_rows, propose, publish
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, MakeAccount, account_of
from tests.support.calculator import StandInCalculator, refusal
from tests.support.catalogs import VERSION, row
from tests.support.jobs import Workshop

NEWER = "catalog-9"
PART = {
    "service_id": "cnc-milling",
    "material_id": "alum_D16",
    "dimensions": {"length_mm": 9, "width_mm": 9, "height_mm": 9},
}


def replace(calculator: StandInCalculator) -> None:
    """Another calculator stands there now: a dearer piece, another cover, and it holds nothing else."""
    rows = [row("location", "location_1", price_of_piece="110"), row("cover", "zinc", days=2)]
    calculator.shelf.shipped = (NEWER, rows)
    calculator.shelf.held.clear()
    calculator.catalog = {**calculator.catalog, "version": NEWER}


async def versions(client: httpx.AsyncClient, admin: Account) -> list[tuple[int, str, str]]:
    answer = await client.get(VERSIONS, headers=admin.headers)
    return [(item["number"], item["origin"], item["status"]) for item in answer.json()["items"]]


async def published_rows(client: httpx.AsyncClient, admin: Account) -> dict[str, dict[str, str]]:
    (item,) = (await client.get(f"{VERSIONS}?status=published", headers=admin.headers)).json()["items"]
    whole = (await client.get(f"{VERSIONS}/{item['id']}", headers=admin.headers)).json()
    return {row["key"]: row["fields"] for row in whole["rows"]}


class TestAdopt:
    async def test_replaces_a_catalogue_nobody_has_changed(
        self,
        client: httpx.AsyncClient,
        resources: Resources,
        calculator: StandInCalculator,
        as_admin: MakeAccount,
    ) -> None:
        admin = await as_admin()
        await client.get("/api/v1/services")
        replace(calculator)

        await build_catalogue(resources).adopt()

        assert await versions(client, admin) == [(2, "shipped", "published"), (1, "shipped", "retired")]
        assert (await client.get("/api/v1/services")).json()["catalog_version"] == NEWER

    async def test_keeps_the_changes_of_the_shop_and_takes_the_rest(
        self,
        client: httpx.AsyncClient,
        resources: Resources,
        calculator: StandInCalculator,
        as_admin: MakeAccount,
    ) -> None:
        admin = await as_admin()
        gold = {"table": "cover", "fields": row("cover", "gold", days=9)["fields"]}
        draft = await propose(client, admin, rows=[*changed_rows(), gold])
        await publish(client, admin, draft["id"])
        replace(calculator)

        await build_catalogue(resources).adopt()

        assert await versions(client, admin) == [
            (4, "merged", "published"),
            (3, "shipped", "retired"),
            (2, "proposed", "retired"),
            (1, "shipped", "retired"),
        ]
        rows = await published_rows(client, admin)
        assert rows.keys() == {"location_1", "zinc", "gold"}
        assert rows["location_1"]["price_of_piece"] == "120"

    async def test_does_nothing_the_second_time(
        self,
        client: httpx.AsyncClient,
        resources: Resources,
        calculator: StandInCalculator,
        as_admin: MakeAccount,
    ) -> None:
        admin = await as_admin()
        await client.get("/api/v1/services")
        draft = await propose(client, admin)
        await publish(client, admin, draft["id"])

        await build_catalogue(resources).adopt()

        assert await versions(client, admin) == [(2, "proposed", "published"), (1, "shipped", "retired")]

    async def test_leaves_everything_as_it_was_when_the_changes_do_not_fit(
        self,
        client: httpx.AsyncClient,
        resources: Resources,
        calculator: StandInCalculator,
        as_admin: MakeAccount,
    ) -> None:
        admin = await as_admin()
        await publish(client, admin, (await propose(client, admin))["id"])
        replace(calculator)
        calculator.proposal_answer = refusal(422, "catalog-invalid")

        with pytest.raises(CatalogInvalid):
            await build_catalogue(resources).adopt()

        assert await versions(client, admin) == [(2, "proposed", "published"), (1, "shipped", "retired")]

    async def test_happens_at_once_when_a_calculator_cannot_price_by_the_published_version(
        self, client: httpx.AsyncClient, calculator: StandInCalculator, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        await publish(client, admin, (await propose(client, admin))["id"])
        replace(calculator)
        calculator.shelf.needs = "zinc"

        answer = await client.post("/api/v1/calculate-price", json=PART)

        assert (answer.status_code, answer.json()["total_price"]) == (200, "120.00")
        assert (await versions(client, admin))[0] == (4, "merged", "published")

    async def test_cannot_help_a_calculator_that_lacks_something_for_good(
        self, client: httpx.AsyncClient, calculator: StandInCalculator, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        await publish(client, admin, (await propose(client, admin))["id"])
        calculator.shelf.held.clear()
        calculator.shelf.needs = "zinc"

        answer = await client.post("/api/v1/calculate-price", json=PART)

        assert (answer.status_code, answer.json()["code"]) == (502, "calculator-failed")
        assert answer.json()["errors"] == []

    async def test_by_two_processes_that_start_together_makes_one_version(
        self,
        application: FastAPI,
        settings: Settings,
        live: Database,
        calculator: StandInCalculator,
    ) -> None:
        async with (
            resources_over(settings, live, calculator) as one,
            resources_over(settings, live, calculator) as two,
            client_of(application, one) as first,
            client_of(application, two) as second,
        ):
            answers = await asyncio.gather(first.get("/api/v1/services"), second.get("/api/v1/services"))
            admin = await account_of(one, await make_user(live, is_admin=True))

            assert [answer.status_code for answer in answers] == [200, 200]
            assert await versions(first, admin) == [(1, "shipped", "published")]


class TestJob:
    async def test_takes_in_what_a_newer_calculator_came_with(
        self, live: Database, live_client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        await live_client.get("/api/v1/services")
        replace(calculator)
        workshop = Workshop(live, jobs.adopt_shipped)
        async with make_client(transport=httpx.ASGITransport(app=calculator.app())) as neighbour:
            upstream = Upstream("calculator", "http://calculator.test", neighbour)
            workshop.resources.add(CatalogClient(upstream, fresh_seconds=0))
            workshop.resources.add(VersionLibrary(live, fresh_seconds=0))

            await Schedules(live, workshop.registry.schedules).tick()
            endings = await workshop.run_ready()

        assert endings == [Ending.done]
        assert await VersionLibrary(live, fresh_seconds=0).published() == NEWER

    async def test_comes_again_when_the_calculator_is_away(
        self, live: Database, calculator: StandInCalculator
    ) -> None:
        calculator.down = True
        workshop = Workshop(live, jobs.adopt_shipped)
        async with make_client(transport=httpx.ASGITransport(app=calculator.app())) as neighbour:
            upstream = Upstream("calculator", "http://calculator.test", neighbour)
            workshop.resources.add(CatalogClient(upstream, fresh_seconds=0))

            await Schedules(live, workshop.registry.schedules).tick()
            endings = await workshop.run_ready()

        assert endings == [Ending.postponed]


class TestSending:
    async def test_happens_with_the_first_question_about_a_version_that_is_not_held(
        self, client: httpx.AsyncClient, calculator: StandInCalculator, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        draft = await propose(client, admin)
        await publish(client, admin, draft["id"])
        calculator.shelf.held.clear()

        answers = [await client.post("/api/v1/calculate-price", json=PART) for _ in range(2)]

        assert [answer.json()["total_price"] for answer in answers] == ["120.00", "120.00"]
        assert calculator.shelf.sent[1:] == [draft["version"]]
        assert VERSION not in calculator.shelf.sent

    async def test_ends_when_it_never_helps(
        self, client: httpx.AsyncClient, calculator: StandInCalculator
    ) -> None:
        await client.get("/api/v1/services")
        calculator.price_answers = [refusal(409, "unknown-catalog") for _ in range(9)]

        answer = await client.post("/api/v1/calculate-price", json=PART)

        assert (answer.status_code, answer.json()["code"]) == (502, "calculator-failed")
