from typing import Any
from uuid import uuid4

import httpx

from app.core.resources import Resources
from tests.factories.catalog import VERSIONS, propose
from tests.factories.files import make_file
from tests.support.auth import Account, MakeAccount
from tests.support.calculator import StandInCalculator, refusal
from tests.support.catalogs import VERSION

BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}


async def order(client: httpx.AsyncClient, customer: Account, **changes: Any) -> dict[str, Any]:
    part = {} if "file_id" in changes else {"dimensions": BOX}
    body = {"service_id": "cnc-milling", "material_id": "alum_D16", **part, **changes}
    answer = await client.post("/api/v1/orders", json=body, headers=customer.headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def tried(client: httpx.AsyncClient, admin: Account, version_id: str, **query: Any) -> httpx.Response:
    path = f"{VERSIONS}/{version_id}/dry-run"
    return await client.post(path, params=query, headers=admin.headers)


class TestStrangers:
    async def test_have_to_be_administrators(self, client: httpx.AsyncClient, as_user: MakeAccount) -> None:
        customer = await as_user()
        path = f"{VERSIONS}/{uuid4()}/dry-run"

        assert (await client.post(path)).status_code == 401
        assert (await client.post(path, headers=customer.headers)).status_code == 403


class TestDryRun:
    async def test_tells_what_past_orders_would_cost_order_by_order_and_in_all(
        self, client: httpx.AsyncClient, as_user: MakeAccount, as_admin: MakeAccount, resources: Resources
    ) -> None:
        customer, admin = await as_user(), await as_admin()
        file = await make_file(resources, owner_id=customer.id)
        placed = [
            await order(client, customer, quantity=3),
            await order(client, await as_user()),
            await order(client, customer, file_id=str(file.id), quantity=2),
        ]
        draft = await propose(client, admin)

        answer = (await tried(client, admin, draft["id"])).json()

        assert (answer["published_version"], answer["version"]) == (VERSION, draft["version"])
        assert [item["number"] for item in answer["items"]] == [row["number"] for row in reversed(placed)]
        first = answer["items"][0]
        assert (first["before"]["total_price"], first["after"]["total_price"]) == ("200.00", "240.00")
        assert (first["difference"], first["ordered_total"]) == ("40.00", "200.00")
        assert answer["totals"] == {
            "orders": 3,
            "before": "600.00",
            "after": "720.00",
            "difference": "120.00",
        }

    async def test_changes_neither_prices_nor_orders(
        self, client: httpx.AsyncClient, as_user: MakeAccount, as_admin: MakeAccount
    ) -> None:
        customer, admin = await as_user(), await as_admin()
        placed = await order(client, customer)
        draft = await propose(client, admin)

        await tried(client, admin, draft["id"])

        again = await client.get(f"/api/v1/orders/{placed['id']}", headers=customer.headers)
        assert again.json() == placed
        assert (await order(client, customer))["total_price"] == "100.00"

    async def test_prices_what_was_chosen_by_the_facts_that_are_stored(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        as_admin: MakeAccount,
        resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        customer, admin = await as_user(), await as_admin()
        file = await make_file(resources, owner_id=customer.id)
        await order(client, customer, file_id=str(file.id), quantity=2, tolerance_id="IT8")
        draft = await propose(client, admin)
        measured, calculator.priced[:] = len(calculator.analysed), []

        await tried(client, admin, draft["id"])

        assert len(calculator.analysed) == measured
        before, *after = calculator.priced
        assert (before["quantity"], before["tolerance_id"]) == (2, "IT8")
        assert before["facts"]["volume_mm3"] == calculator.facts["volume_mm3"]
        assert after[-1] == {**before, "catalog_version": draft["version"]}

    async def test_takes_the_newest_orders_up_to_a_limit(
        self, client: httpx.AsyncClient, as_user: MakeAccount, as_admin: MakeAccount
    ) -> None:
        customer, admin = await as_user(), await as_admin()
        placed = [await order(client, customer) for _ in range(3)]
        draft = await propose(client, admin)

        answer = (await tried(client, admin, draft["id"], limit=2)).json()

        assert [item["number"] for item in answer["items"]] == [placed[2]["number"], placed[1]["number"]]
        assert (await tried(client, admin, draft["id"], limit=201)).status_code == 422

    async def test_tells_which_orders_would_have_no_price_any_more(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        as_admin: MakeAccount,
        calculator: StandInCalculator,
    ) -> None:
        customer, admin = await as_user(), await as_admin()
        await order(client, customer)
        await order(client, customer)
        draft = await propose(client, admin)
        await tried(client, admin, draft["id"])
        refused = refusal(422, "material-not-allowed", "gone")
        calculator.price_answers = [refused, refusal(422, "material-not-allowed", "gone")]

        answer = (await tried(client, admin, draft["id"])).json()

        first, second = answer["items"]
        assert first["after"] == {
            "total_price": None,
            "problem": {"code": "material-not-allowed", "detail": "gone"},
        }
        assert (first["difference"], second["difference"]) == (None, "20.00")
        assert (answer["totals"]["orders"], answer["totals"]["difference"]) == (1, "20.00")

    async def test_of_no_orders_is_empty(self, client: httpx.AsyncClient, as_admin: MakeAccount) -> None:
        admin = await as_admin()
        draft = await propose(client, admin)

        answer = (await tried(client, admin, draft["id"])).json()

        assert (answer["items"], answer["skipped"], answer["totals"]["difference"]) == ([], 0, "0.00")

    async def test_of_an_unknown_version_is_not_found(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        assert (await tried(client, await as_admin(), str(uuid4()))).status_code == 404

    async def test_without_a_calculator_is_unavailable(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        as_admin: MakeAccount,
        calculator: StandInCalculator,
    ) -> None:
        customer, admin = await as_user(), await as_admin()
        await order(client, customer)
        draft = await propose(client, admin)
        calculator.down = True

        assert (await tried(client, admin, draft["id"])).status_code == 503
