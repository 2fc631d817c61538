"""Versions of the catalogue, from the administrator to the price: the real API over real calculators."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.calculations.dependencies import build_calculations
from app.calculator.catalog.loader import load
from app.calculator.catalog.rows import Cover
from app.catalog.dependencies import build_catalogue
from app.catalog.library import VersionLibrary
from app.contract.pricing import PriceRequest
from app.core.config import Settings
from app.core.db import Database
from app.core.resources import Resources
from tests.contract.pricing import RealCalculators
from tests.factories.auth import make_user
from tests.factories.catalog import VERSIONS, propose, publish
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, account_of

SHIPPED = load()
BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
PART = {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX, "quantity": 7}
DEARER = """
[[location]]
id = "location_1"
name = "rudnevo"
label = { en = "Rudnevo", ru = "ЦКП" }
price_of_hour = 1000
extra_salary = 0.1124
insurance = 0.317
overhead = 1.7568
administrative = 0.8731
profit_on_material = 0.01
profit_on_rest = 0.25
source = "the shop"
date = 2026-12-01
"""


@dataclass
class Shop:
    """An API process."""

    client: httpx.AsyncClient
    resources: Resources

    async def price(self) -> dict[str, Any]:
        answer = await self.client.post("/api/v1/calculate-price", json=PART)
        assert answer.status_code == 200, answer.text
        return {name: answer.json()[name] for name in ("total_price", "quote_hash", "catalog_version")}

    async def admin(self) -> Account:
        return await account_of(self.resources, await make_user(self.resources.get(Database), is_admin=True))


@pytest.fixture
def opened(application: FastAPI, settings: Settings, live: Database) -> Any:
    """``async with opened(calculators) as shop``: an API process over the database of this test."""

    @asynccontextmanager
    async def start(calculators: RealCalculators) -> AsyncIterator[Shop]:
        async with (
            resources_over(settings, live, calculators) as resources,
            client_of(application, resources) as client,
        ):
            yield Shop(client, resources)

    return start


class TestPublish:
    async def test_of_a_toml_text_changes_prices_and_a_roll_back_brings_the_same_ones_again(
        self, opened: Any
    ) -> None:
        async with opened(RealCalculators()) as shop:
            admin, before = await shop.admin(), await shop.price()
            draft = await propose(shop.client, admin, toml=DEARER, note="hours are dearer")
            assert await shop.price() == before

            await publish(shop.client, admin, draft["id"])
            dearer = await shop.price()
            first = (await shop.client.get(f"{VERSIONS}?sort=number", headers=admin.headers)).json()
            await publish(shop.client, admin, first["items"][0]["id"])

            (change,) = draft["changes"]
            assert (change["before"]["price_of_hour"], change["after"]["price_of_hour"]) == ("874.57", "1000")
            assert before["catalog_version"] == SHIPPED.version
            assert dearer["catalog_version"] == draft["version"]
            assert Decimal(dearer["total_price"]) > Decimal(before["total_price"])
            assert dearer["quote_hash"] != before["quote_hash"]
            assert await shop.price() == before

    async def test_of_a_new_material_offers_it_at_once(self, opened: Any) -> None:
        row = SHIPPED.materials["alum_D16"].content()
        new = {"table": "material", "fields": {**row, "id": "alum_new"}}
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            await publish(shop.client, admin, (await propose(shop.client, admin, rows=[new]))["id"])

            listed = (await shop.client.get("/api/v1/materials?process=cnc-milling")).json()
            priced = await shop.client.post(
                "/api/v1/calculate-price", json={**PART, "material_id": "alum_new"}
            )

            assert "alum_new" in {item["id"] for item in listed["items"]}
            assert "price_per_kg" not in str(listed)
            assert priced.status_code == 200

    async def test_leaves_older_prices_what_they_were_and_shows_that_they_are_older(
        self, opened: Any
    ) -> None:
        async with opened(RealCalculators()) as shop:
            admin, seen = await shop.admin(), await shop.price()
            placed = await shop.client.post("/api/v1/orders", json=PART, headers=admin.headers)
            await publish(shop.client, admin, (await propose(shop.client, admin, toml=DEARER))["id"])

            order = (await shop.client.get(placed.headers["location"], headers=admin.headers)).json()
            current = (await shop.client.get("/api/v1/services")).json()["catalog_version"]
            insists = {**PART, "quote_hash": seen["quote_hash"]}
            late = await shop.client.post("/api/v1/orders", json=insists, headers=admin.headers)

            assert {name: order["price"][name] for name in seen} == seen
            assert order["price"]["catalog_version"] != current
            assert (late.status_code, late.json()["code"]) == (409, "quote-changed")


class TestExport:
    async def test_proposed_again_as_toml_makes_the_version_it_came_from(self, opened: Any) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            draft = await propose(shop.client, admin, toml=DEARER)
            text = (await exported(shop, admin, draft["id"], "rows.toml")).text
            first = (await shop.client.get(f"{VERSIONS}?sort=number", headers=admin.headers)).json()

            again = await propose(shop.client, admin, toml=text)
            unchanged = await shop.client.post(
                VERSIONS,
                json={"toml": (await exported(shop, admin, first["items"][0]["id"], "rows.toml")).text},
                headers=admin.headers,
            )

            assert (again["id"], again["version"]) == (draft["id"], draft["version"])
            assert (unchanged.status_code, unchanged.json()["code"]) == (422, "nothing-changed")

    async def test_proposed_again_as_csv_makes_the_version_it_came_from(self, opened: Any) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            draft = await propose(shop.client, admin, toml=DEARER)
            tables = {row["table"] for row in draft["rows"]}
            texts = {
                table: (await exported(shop, admin, draft["id"], f"rows.csv?table={table}")).text
                for table in tables
            }

            again = await propose(shop.client, admin, csv=texts)

            assert (again["id"], again["version"]) == (draft["id"], draft["version"])


async def exported(shop: Shop, admin: Account, version_id: str, what: str) -> httpx.Response:
    answer = await shop.client.get(f"{VERSIONS}/{version_id}/{what}", headers=admin.headers)
    assert answer.status_code == 200, answer.text
    return answer


class TestFaults:
    @pytest.mark.parametrize(
        ("body", "place"),
        [
            ({"toml": DEARER.replace("1000", "-1")}, "catalog.toml, line 6"),
            ({"csv": {"cover": "id,days\nzinc,two\n"}}, "cover.csv, line 2"),
            ({"rows": [{"table": "cover", "fields": {"id": "zinc"}}]}, "rows, row 1"),
            ({"remove": [{"table": "machinability", "key": "brass"}]}, "material 'brass_L63'"),
            ({"remove": [{"table": "figure", "key": "printing/clearance_mm"}]}, "the catalogue"),
            ({"toml": "[[cover"}, "catalog.toml"),
        ],
    )
    async def test_are_told_where_they_stand(self, body: dict[str, Any], place: str, opened: Any) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()

            answer = await shop.client.post(VERSIONS, json=body, headers=admin.headers)

            assert (answer.status_code, answer.json()["code"]) == (422, "catalog-invalid")
            assert place in {error["field"] for error in answer.json()["errors"]}
            listed = await shop.client.get(VERSIONS, headers=admin.headers)
            assert listed.json()["total"] == 1


class TestTheSamePrice:
    async def test_comes_after_a_restart_from_another_calculator_which_is_sent_the_version_once(
        self, opened: Any
    ) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            await publish(shop.client, admin, (await propose(shop.client, admin, toml=DEARER))["id"])
            before = await shop.price()
        others = RealCalculators()

        async with opened(others) as shop:
            prices = [await shop.price() for _ in range(3)]

        assert prices == [before] * 3
        assert others.taken == [0]

    async def test_comes_from_calculators_that_take_turns(self, opened: Any) -> None:
        several = RealCalculators(count=2)
        async with opened(several) as shop:
            admin = await shop.admin()
            await publish(shop.client, admin, (await propose(shop.client, admin, toml=DEARER))["id"])

            prices = [await shop.price() for _ in range(8)]

        assert prices == prices[:1] * 8
        assert set(several.taken) == {0, 1}

    async def test_comes_for_an_old_order_by_its_own_version(self, opened: Any, live: Database) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            order = (await shop.client.post("/api/v1/orders", json=PART, headers=admin.headers)).json()
            await publish(shop.client, admin, (await propose(shop.client, admin, toml=DEARER))["id"])
        cover = SHIPPED.covers["painting"].model_copy(update={"days": 9})

        newer = RealCalculators(shipped=SHIPPED.with_rows([cover]))
        async with opened(newer) as shop, live.reading() as session:
            calculations = build_calculations(shop.resources, session)
            version = order["price"]["catalog_version"]
            price = await calculations.price_under(version, PriceRequest.model_validate(PART))

        assert price.quote_hash == order["quote_hash"]
        assert f"{price.total_price:.2f}" == order["total_price"]
        assert price.catalog_version == SHIPPED.version

    async def test_comes_from_a_process_that_knows_of_the_publishing_by_the_database_alone(
        self, opened: Any
    ) -> None:
        async with opened(RealCalculators()) as one, opened(RealCalculators()) as two:
            two.resources.add(VersionLibrary(two.resources.get(Database), fresh_seconds=-1))
            admin, before = await one.admin(), await two.price()
            await publish(one.client, admin, (await propose(one.client, admin, toml=DEARER))["id"])

            assert before != await two.price() == await one.price()


class TestDryRun:
    async def test_foretells_what_publishing_does(self, opened: Any) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            order = (await shop.client.post("/api/v1/orders", json=PART, headers=admin.headers)).json()
            draft = await propose(shop.client, admin, toml=DEARER)

            path = f"{VERSIONS}/{draft['id']}/dry-run"
            (item,) = (await shop.client.post(path, headers=admin.headers)).json()["items"]
            await publish(shop.client, admin, draft["id"])
            after = await shop.price()

        assert item["order_id"] == order["id"]
        assert item["before"]["total_price"] == item["ordered_total"] == order["total_price"]
        assert item["after"]["total_price"] == after["total_price"]
        assert Decimal(item["difference"]) == Decimal(after["total_price"]) - Decimal(order["total_price"])


class TestNewerCalculator:
    async def test_keeps_the_prices_of_the_shop_and_brings_what_is_new(self, opened: Any) -> None:
        async with opened(RealCalculators()) as shop:
            admin = await shop.admin()
            await publish(shop.client, admin, (await propose(shop.client, admin, toml=DEARER))["id"])
            before = await shop.price()
        painting = SHIPPED.covers["painting"]
        anodising = Cover.model_validate({**painting.model_dump(), "id": "anodising"})

        async with opened(RealCalculators(shipped=SHIPPED.with_rows([anodising]))) as shop:
            await build_catalogue(shop.resources).adopt()
            after = await shop.price()
            covers = (await shop.client.get("/api/v1/coefficients")).json()["covers"]

        assert after["total_price"] == before["total_price"]
        assert after["catalog_version"] not in {before["catalog_version"], SHIPPED.version}
        assert "anodising" in {cover["id"] for cover in covers}
