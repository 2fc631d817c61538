import asyncio
import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select

from app.core.config import DatabaseSection, Settings
from app.core.db import Database, open_database
from app.core.models import new_id
from app.core.resources import Resources
from app.core.storage import Storage
from app.orders.models import Order
from tests.factories.auth import make_user
from tests.factories.files import STEP, make_file
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, MakeAccount, account_of
from tests.support.calculator import StandInCalculator, refusal
from tests.support.database import copy_of

BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}


def draft(**changes: Any) -> dict[str, Any]:
    return {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX, **changes}


async def place(
    client: httpx.AsyncClient, user: Account, key: str | None = None, **changes: Any
) -> httpx.Response:
    headers = dict(user.headers)
    if key is not None:
        headers["Idempotency-Key"] = key
    return await client.post("/api/v1/orders", json=draft(**changes), headers=headers)


async def key_of(client: httpx.AsyncClient, owner: Account, scope: str) -> dict[str, str]:
    body = {"name": "robot", "scopes": [scope]}
    answer = await client.post("/api/v1/api-keys", json=body, headers=owner.headers)
    return {"X-API-Key": answer.json()["key"]}


async def orders_in(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count(Order.id)))).scalar_one()


class TestPlace:
    async def test_wants_a_login(self, client: httpx.AsyncClient) -> None:
        assert (await client.post("/api/v1/orders", json=draft())).status_code == 401

    async def test_stores_the_price_it_shows(
        self, client: httpx.AsyncClient, as_user: MakeAccount, db: Database
    ) -> None:
        user = await as_user()

        answer = await place(client, user, quantity=7, name=" Bracket ", code="A-1", note="soon")

        assert answer.status_code == 201
        body = answer.json()
        assert (body["status"], body["version"], body["name"], body["code"]) == ("new", 1, "Bracket", "A-1")
        assert (body["quantity"], body["unit_price"], body["total_price"]) == (7, "100.00", "700.00")
        assert body["price"]["total_price"] == "700.00"
        assert body["price"]["quote_hash"] == body["quote_hash"]
        assert answer.headers["location"] == f"/api/v1/orders/{body['id']}"
        assert answer.headers["etag"] == '"1"'
        async with db.reading() as session:
            stored = (await session.scalars(select(Order))).one()
        assert (stored.owner_id, stored.total_price) == (user.id, Decimal("700.00"))
        assert stored.price["lines"][0]["amount"] == "280.00"
        shown = await client.get(answer.headers["location"], headers=user.headers)
        assert shown.json() == body

    async def test_of_a_stored_file_keeps_it(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id, name="lid.step")

        answer = await place(client, user, dimensions=None, file_id=str(file.id))
        removal = await client.delete(f"/api/v1/files/{file.id}", headers=user.headers)

        assert (answer.json()["file_id"], answer.json()["name"]) == (str(file.id), "lid.step")
        assert (removal.status_code, removal.json()["code"]) == (409, "file-in-use")
        download = await client.get(f"/api/v1/files/{file.id}/download", headers=user.headers)
        assert download.content == STEP

    async def test_stores_a_file_that_comes_along(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        file = {"name": "arm.step", "data": base64.b64encode(STEP).decode()}

        answer = await place(client, user, dimensions=None, file=file)

        kept = await client.get(f"/api/v1/files/{answer.json()['file_id']}", headers=user.headers)
        assert (kept.json()["name"], kept.json()["status"]) == ("arm.step", "ready")

    async def test_of_a_file_of_somebody_else_is_not_found(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources, db: Database
    ) -> None:
        owner, stranger = await as_user(), await as_user()
        file = await make_file(resources, owner_id=owner.id)

        answer = await place(client, stranger, dimensions=None, file_id=str(file.id))

        assert answer.status_code == 404
        assert await orders_in(db) == 0

    async def test_insists_on_the_quote_seen_before(
        self, client: httpx.AsyncClient, as_user: MakeAccount, db: Database
    ) -> None:
        user = await as_user()
        seen = (await client.post("/api/v1/calculate-price", json=draft(), headers=user.headers)).json()

        changed = await place(client, user, quote_hash="0" * 64)
        same = await place(client, user, quote_hash=seen["quote_hash"])

        assert (changed.status_code, changed.json()["code"]) == (409, "quote-changed")
        assert same.status_code == 201
        assert await orders_in(db) == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"document_ids": [str(new_id())]}, "document_ids"),
            ({"deadline": "2001-01-01"}, "deadline"),
            ({"deadline": "2099-01-01T00:00:00"}, "deadline"),
            ({"deadline": 4070908800}, "deadline"),
            ({"quantity": True}, "quantity"),
            ({"note": "a\x00b"}, "note"),
            ({"name": ""}, "name"),
            ({"name": "a\x00b"}, "name"),
            ({"name": "lid\nfor free"}, "name"),
            ({"code": "A\u202e1-A"}, "code"),
            ({"quote_hash": "short"}, "quote_hash"),
            ({"total_price": "1.00"}, "total_price"),
        ],
    )
    async def test_names_the_field_it_cannot_use(
        self,
        changes: dict[str, Any],
        field: str,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        calculator: StandInCalculator,
    ) -> None:
        answer = await place(client, await as_user(), **changes)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
        assert calculator.priced == []

    @pytest.mark.parametrize("code", ["part-outside-limits", "material-not-allowed"])
    async def test_stores_nothing_when_there_is_no_price(
        self,
        code: str,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        calculator: StandInCalculator,
        db: Database,
    ) -> None:
        user = await as_user()
        calculator.price_answers = [refusal(422, code)]

        refused = await place(client, user)
        calculator.down = True
        unavailable = await place(client, user)

        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert (unavailable.status_code, unavailable.json()["code"]) == (503, "calculator-unavailable")
        assert await orders_in(db) == 0

    async def test_on_request_has_no_price_to_order_at(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        answer = await place(client, await as_user(), service_id="welding")

        assert (answer.status_code, answer.json()["code"]) == (409, "price-on-request")


class TestIdempotencyKey:
    async def test_gives_one_order_and_the_same_bytes(
        self, client: httpx.AsyncClient, as_user: MakeAccount, db: Database, calculator: StandInCalculator
    ) -> None:
        user = await as_user()

        first, second = await place(client, user, "key"), await place(client, user, "key")

        assert (first.status_code, second.status_code) == (201, 201)
        assert second.content == first.content
        assert second.headers["location"] == first.headers["location"]
        assert second.headers["etag"] == first.headers["etag"]
        assert await orders_in(db) == 1
        assert len(calculator.priced) == 1

    async def test_belongs_to_its_user(
        self, client: httpx.AsyncClient, as_user: MakeAccount, db: Database
    ) -> None:
        answers = [await place(client, await as_user(), "key") for _ in range(2)]

        assert {answer.status_code for answer in answers} == {201}
        assert await orders_in(db) == 2

    async def test_does_not_let_a_stranger_read_the_answer(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        await place(client, await as_user(), "key")

        answer = await client.post("/api/v1/orders", json=draft(), headers={"Idempotency-Key": "key"})

        assert answer.status_code == 401

    async def test_with_another_body_is_refused(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        await place(client, user, "key")

        answer = await place(client, user, "key", quantity=2)

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-mismatch")

    async def test_of_a_refusal_may_be_used_again(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        calculator: StandInCalculator,
        resources: Resources,
    ) -> None:
        user = await as_user()
        calculator.price_answers = [refusal(422, "part-outside-limits")]
        file = {"name": "arm.step", "data": base64.b64encode(STEP).decode()}

        first = await place(client, user, "key", dimensions=None, file=file)
        left = await resources.get(Storage).keys()
        second = await place(client, user, "key", dimensions=None, file=file)

        assert (first.status_code, left, second.status_code) == (422, [], 201)


class TestGet:
    async def test_is_for_the_owner_only(self, client: httpx.AsyncClient, as_user: MakeAccount) -> None:
        owner, stranger = await as_user(), await as_user()
        location = (await place(client, owner)).headers["location"]

        assert (await client.get(location)).status_code == 401
        assert (await client.get(location, headers=stranger.headers)).status_code == 404
        assert (await client.get(location, headers=owner.headers)).headers["etag"] == '"1"'

    async def test_shows_a_program_what_the_owner_of_its_key_sees(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, as_user: MakeAccount
    ) -> None:
        owner, stranger = await as_admin(), await as_user()
        order = await place(client, owner)
        of_others = await place(client, stranger)
        reader, clerk = [await key_of(client, owner, scope) for scope in ("orders:read", "catalog:read")]

        shown = await client.get(order.headers["location"], headers=reader)
        listed = await client.get("/api/v1/orders", headers=reader)

        assert (shown.json(), shown.headers["etag"]) == (order.json(), '"1"')
        assert [row["id"] for row in listed.json()["items"]] == [order.json()["id"]]
        assert (await client.get(of_others.headers["location"], headers=reader)).status_code == 404
        refused = await client.get(order.headers["location"], headers=clerk)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
        assert (await client.post("/api/v1/orders", json=draft(), headers=reader)).status_code == 401

    async def test_speaks_the_language_of_the_reader(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        location = (await place(client, user)).headers["location"]

        answer = await client.get(location, headers={**user.headers, "Accept-Language": "ru"})

        assert answer.json()["price"]["lines"][0]["label"] == "Material (ru)"


class TestList:
    async def test_holds_own_orders_newest_first(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user, other = await as_user(), await as_user()
        placed = [(await place(client, user, quantity=number)).json()["id"] for number in (1, 2, 3)]
        await place(client, other)

        body = (await client.get("/api/v1/orders", headers=user.headers)).json()

        assert [item["id"] for item in body["items"]] == placed[::-1]
        assert body["total"] == 3

    async def test_can_be_filtered_sorted_and_walked(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        for number in (2, 9, 5):
            await place(client, user, quantity=number, name=f"Деталь {number}")
        await place(client, user, service_id="printing", material_id="PA12", name="cup", code="C_1")

        async def quantities(query: str) -> list[int]:
            answer = await client.get(f"/api/v1/orders?{query}", headers=user.headers)
            return [item["quantity"] for item in answer.json()["items"]]

        assert await quantities("sort=-total_price") == [9, 5, 2, 1]
        assert await quantities("service_id=printing") == [1]
        assert await quantities("search=деталь&sort=total_price") == [2, 5, 9]
        assert await quantities("search=c_1") == [1]
        assert await quantities("status=cancelled") == []
        assert await quantities("status=new&status=cancelled&limit=2&page=2&sort=total_price") == [5, 9]
        first = await client.get("/api/v1/orders?sort=-total_price&limit=2", headers=user.headers)
        assert await quantities(f"sort=-total_price&after={first.json()['items'][-1]['id']}") == [2, 1]

    async def test_goes_on_only_after_a_row_of_its_own(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user, other = await as_user(), await as_user()
        await place(client, user, quantity=1)
        foreign = (await place(client, other, quantity=9)).json()["id"]

        for after in (foreign, str(new_id())):
            answer = await client.get(f"/api/v1/orders?sort=total_price&after={after}", headers=user.headers)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")

    async def test_takes_either_a_page_or_a_cursor(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        mine = (await place(client, user)).json()["id"]

        answer = await client.get(f"/api/v1/orders?page=2&after={mine}", headers=user.headers)

        assert answer.status_code == 422


class TestManyAtOnce:
    async def test_writers_never_wait_for_a_second_connection(
        self,
        application: FastAPI,
        settings: Settings,
        template: str,
        request: pytest.FixtureRequest,
        tmp_path: Path,
    ) -> None:
        """Two connections, five uploads and five orders with a file: each needs one at a time."""
        async with copy_of(template, request, tmp_path) as url:
            section = DatabaseSection(url=SecretStr(url), pool_size=2, pool_wait_seconds=5)
            database = open_database(section)
            async with (
                resources_over(settings, database, StandInCalculator()) as resources,
                client_of(application, resources) as client,
            ):
                user = await account_of(resources, await make_user(database))
                file = {"name": "arm.step", "data": base64.b64encode(STEP).decode()}
                uploads = [
                    client.post("/api/v1/files", files={"file": ("a.step", STEP)}, headers=user.headers)
                    for _ in range(5)
                ]
                placed = [place(client, user, dimensions=None, file=file) for _ in range(5)]
                answers = await asyncio.gather(*uploads, *placed)
            await database.close()

        assert {answer.status_code for answer in answers} == {201}
