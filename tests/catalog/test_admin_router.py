import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.catalog.library import VersionLibrary
from app.core.config import Settings
from app.core.db import Database
from app.core.resources import Resources
from tests.factories.auth import make_user
from tests.factories.catalog import VERSIONS, changed_rows, propose, publish
from tests.support.app import client_of, resources_over
from tests.support.audit import all_acts
from tests.support.auth import Account, MakeAccount, account_of
from tests.support.calculator import StandInCalculator, refusal
from tests.support.catalogs import VERSION

BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}
PART = {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX}

NOBODYS = "00000000-0000-7000-8000-00000000000a"


async def total(client: httpx.AsyncClient) -> tuple[str, str]:
    answer = await client.post("/api/v1/calculate-price", json=PART)
    assert answer.status_code == 200, answer.text
    return answer.json()["total_price"], answer.json()["catalog_version"]


async def listed(client: httpx.AsyncClient, admin: Account) -> list[tuple[int, str]]:
    answer = await client.get(VERSIONS, headers=admin.headers)
    return [(item["number"], item["status"]) for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", VERSIONS),
        ("POST", VERSIONS),
        ("GET", f"{VERSIONS}/{NOBODYS}"),
        ("GET", f"{VERSIONS}/{NOBODYS}/rows.toml"),
        ("GET", f"{VERSIONS}/{NOBODYS}/rows.csv?table=cover"),
        ("POST", f"{VERSIONS}/{NOBODYS}/publish"),
    ],
)
class TestStrangers:
    async def test_have_to_sign_in(self, client: httpx.AsyncClient, method: str, path: str) -> None:
        assert (await client.request(method, path, json={})).status_code == 401

    async def test_have_to_be_administrators(
        self, client: httpx.AsyncClient, as_user: MakeAccount, method: str, path: str
    ) -> None:
        customer = await as_user()

        answer = await client.request(method, path, json={}, headers=customer.headers)

        assert answer.status_code == 403


class TestKeys:
    @pytest.mark.parametrize(("scope", "status"), [("catalog:read", 200), ("orders:read", 403)])
    async def test_of_the_scope_may_read_and_nothing_else(
        self, scope: str, status: int, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        body = {"name": "robot", "scopes": [scope]}
        key = (await client.post("/api/v1/api-keys", json=body, headers=admin.headers)).json()["key"]

        answers = [await client.get(VERSIONS, headers={"X-API-Key": key})]
        if status == 200:
            one = answers[0].json()["items"][0]["id"]
            answers.append(await client.get(f"{VERSIONS}/{one}", headers={"X-API-Key": key}))
        written = await client.post(VERSIONS, json={}, headers={"X-API-Key": key})

        assert {answer.status_code for answer in answers} == {status}
        assert written.status_code == 401


class TestFirst:
    async def test_is_what_the_calculator_came_with(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, db: Database
    ) -> None:
        admin = await as_admin()

        answer = await client.get(VERSIONS, headers=admin.headers)

        (item,) = answer.json()["items"]
        assert (item["number"], item["version"], item["status"]) == (1, VERSION, "published")
        assert (item["origin"], item["created_by"]) == ("shipped", None)
        whole = (await client.get(f"{VERSIONS}/{item['id']}", headers=admin.headers)).json()
        assert [row["key"] for row in whole["rows"]] == ["location_1", "painting"]
        assert whole["changes"] == []
        (act,) = [act for act in await all_acts(db) if act.object_kind == "catalog_version"]
        assert (act.action, act.actor_kind) == ("catalog.adopted", "system")

    async def test_of_two_processes_that_start_together_is_one(
        self, client: httpx.AsyncClient, resources: Resources, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        await client.get("/api/v1/services")
        resources.add(VersionLibrary(resources.get(Database), fresh_seconds=60))

        await client.get("/api/v1/services")

        assert await listed(client, admin) == [(1, "published")]

    async def test_waits_for_the_calculator(
        self, client: httpx.AsyncClient, calculator: StandInCalculator, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        calculator.down = True

        answer = await client.get(VERSIONS, headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (503, "calculator-unavailable")


class TestExport:
    async def test_is_a_file_named_after_its_version(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        (item,) = (await client.get(VERSIONS, headers=admin.headers)).json()["items"]

        toml, table = [
            await client.get(f"{VERSIONS}/{item['id']}/{what}", headers=admin.headers)
            for what in ("rows.toml", "rows.csv?table=cover")
        ]

        assert toml.headers["content-type"] == "application/toml"
        assert 'filename="catalog-1.toml"' in toml.headers["content-disposition"]
        assert '[[location]]\nid = "location_1"\nprice_of_piece = "100"\n' in toml.text
        assert table.headers["content-type"].startswith("text/csv")
        assert 'filename="catalog-1-cover.csv"' in table.headers["content-disposition"]
        assert table.text == "\ufeffid,days,source,date\r\npainting,1,stand-in,2026-11-20\r\n"

    async def test_of_a_table_that_is_not_there_names_those_that_are(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        (item,) = (await client.get(VERSIONS, headers=admin.headers)).json()["items"]

        answer = await client.get(f"{VERSIONS}/{item['id']}/rows.csv?table=spells", headers=admin.headers)

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "table")
        assert "location, cover" in answer.json()["detail"]

    @pytest.mark.parametrize("what", ["rows.toml", "rows.csv?table=cover"])
    async def test_of_no_version_is_not_found(
        self, what: str, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        answer = await client.get(f"{VERSIONS}/{NOBODYS}/{what}", headers=(await as_admin()).headers)

        assert answer.status_code == 404


class TestPropose:
    async def test_makes_a_draft_that_tells_what_it_changes_and_prices_nothing(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        draft = await propose(client, admin, rows=changed_rows(), note="  dearer hours ")

        assert (draft["number"], draft["status"], draft["note"]) == (2, "draft", "dearer hours")
        assert draft["created_by"] == str(admin.id)
        assert draft["changes"] == [
            {
                "table": "location",
                "key": "location_1",
                "before": {"price_of_piece": "100"},
                "after": {"price_of_piece": "120"},
            }
        ]
        assert (await client.get(f"{VERSIONS}/{draft['id']}", headers=admin.headers)).json() == draft
        assert await total(client) == ("100.00", VERSION)

    async def test_is_written_down_row_by_row(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, db: Database
    ) -> None:
        admin = await as_admin()

        draft = await propose(client, admin)

        (act,) = [act for act in await all_acts(db) if act.action == "catalog.proposed"]
        assert (act.actor_id, act.object_id) == (admin.id, draft["id"])
        assert act.before is not None
        assert act.after is not None
        assert act.before["location/location_1"] == {"price_of_piece": "100"}
        assert act.after["location/location_1"] == {"price_of_piece": "120"}
        assert act.after["changed_rows"] == 1

    async def test_passes_texts_on_and_their_faults_back(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, calculator: StandInCalculator
    ) -> None:
        admin = await as_admin()
        await client.get(VERSIONS, headers=admin.headers)
        place = {"field": "catalog.toml, line 3", "message": "cover: days", "code": "invalid-row"}
        calculator.proposal_answer = refusal(422, "catalog-invalid", "no", [place])

        answer = await client.post(VERSIONS, json={"toml": "[[cover]]"}, headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (422, "catalog-invalid")
        assert answer.json()["errors"] == [place]
        assert await listed(client, admin) == [(1, "published")]

    @pytest.mark.parametrize("body", [{}, {"rows": changed_rows(price_of_piece="100")}])
    async def test_of_nothing_is_refused(
        self, body: dict[str, Any], client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        answer = await client.post(VERSIONS, json=body, headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (422, "nothing-changed")

    @pytest.mark.parametrize(
        "body",
        [
            {"toml": "x" * 1_000_001},
            {"toml": "nul \u0000"},
            {"rows": [{"table": "cover", "fields": {"id": "half \\ud800"}}]},
            {"rows": [{"table": "cover", "fields": {"deep": [[[[[1]]]]]}}]},
            {"rows": [{"table": "cover"}]},
            {"csv": {"cover": 7}},
            {"hash": "0"},
        ],
    )
    async def test_of_what_nobody_can_read_is_refused(
        self, body: dict[str, Any], client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        text = json.dumps(body).replace(r"\\u", r"\u")
        headers = {**admin.headers, "Content-Type": "application/json"}

        answer = await client.post(VERSIONS, content=text, headers=headers)

        assert answer.status_code in {413, 422}

    async def test_of_the_same_again_is_the_same_draft(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin, other = await as_admin(), await as_admin()

        first = await propose(client, admin)
        again = await propose(client, other, rows=changed_rows(), note="mine")

        assert again["id"] == first["id"]
        assert (again["note"], again["created_by"]) == ("mine", str(other.id))

    async def test_of_what_was_published_before_points_there(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        await publish(client, admin, (await propose(client, admin))["id"])
        back = {"rows": changed_rows(price_of_piece="100")}

        answer = await client.post(VERSIONS, json=back, headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (409, "catalog-exists")
        assert answer.json()["detail"].startswith("Version 1 ")


class TestPublish:
    async def test_changes_prices_from_the_next_request_on(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        draft = await propose(client, admin)
        assert await total(client) == ("100.00", VERSION)

        published = await publish(client, admin, draft["id"])

        assert (published["status"], published["published_by"]) == ("published", str(admin.id))
        assert await total(client) == ("120.00", draft["version"])
        services = (await client.get("/api/v1/services")).json()
        assert services["catalog_version"] == draft["version"]
        assert await listed(client, admin) == [(2, "published"), (1, "retired")]

    async def test_of_an_earlier_version_rolls_back(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, db: Database
    ) -> None:
        admin = await as_admin()
        draft = await propose(client, admin)
        await publish(client, admin, draft["id"])
        (first,) = (await client.get(f"{VERSIONS}?status=retired", headers=admin.headers)).json()["items"]

        await publish(client, admin, first["id"])

        assert await total(client) == ("100.00", VERSION)
        acts = [act for act in await all_acts(db) if act.action == "catalog.published"]
        told = [(act.before and act.before["number"], act.after and act.after["number"]) for act in acts]
        assert told == [(1, 2), (2, 1)]

    async def test_of_the_published_one_is_refused(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        draft = await propose(client, admin)
        await publish(client, admin, draft["id"])

        answer = await client.post(f"{VERSIONS}/{draft['id']}/publish", headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (409, "already-published")

    async def test_of_a_draft_that_would_undo_what_came_after_it_is_refused(
        self, client: httpx.AsyncClient, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()
        old, new = await propose(client, admin), await propose(client, admin, remove=[_painting()])
        await publish(client, admin, new["id"])

        answer = await client.post(f"{VERSIONS}/{old['id']}/publish", headers=admin.headers)

        assert (answer.status_code, answer.json()["code"]) == (409, "catalog-outdated")
        assert (await total(client))[1] == new["version"]

    async def test_waits_for_a_calculator_that_can_price_by_it(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, calculator: StandInCalculator
    ) -> None:
        admin = await as_admin()
        draft = await propose(client, admin)
        calculator.down = True

        answer = await client.post(f"{VERSIONS}/{draft['id']}/publish", headers=admin.headers)

        assert answer.status_code == 503
        assert await listed(client, admin) == [(2, "draft"), (1, "published")]

    async def test_of_two_drafts_at_the_same_moment_succeeds_for_one(
        self, application: FastAPI, settings: Settings, live: Database, calculator: StandInCalculator
    ) -> None:
        async with (
            resources_over(settings, live, calculator) as one,
            resources_over(settings, live, calculator) as two,
            client_of(application, one) as first,
            client_of(application, two) as second,
        ):
            admin = await account_of(one, await make_user(live, is_admin=True))
            drafts = [await propose(first, admin), await propose(first, admin, remove=[_painting()])]

            answers = await asyncio.gather(
                *(
                    client.post(f"{VERSIONS}/{draft['id']}/publish", headers=admin.headers)
                    for client, draft in zip((first, second), drafts, strict=True)
                )
            )

            assert sorted(answer.status_code for answer in answers) == [200, 409]
            assert sorted(status for _, status in await listed(first, admin)) == [
                "draft",
                "published",
                "retired",
            ]

    async def test_takes_effect_in_every_process(
        self, client: httpx.AsyncClient, as_admin: MakeAccount, resources: Resources
    ) -> None:
        """Another process knows nothing of it but what the database tells, which it asks when it looks."""
        admin = await as_admin()
        other = VersionLibrary(resources.get(Database), fresh_seconds=0)
        await client.get("/api/v1/services")
        assert await other.published() == VERSION

        draft = await propose(client, admin)
        await publish(client, admin, draft["id"])

        assert await other.published() == draft["version"]


def _painting() -> dict[str, str]:
    return {"table": "cover", "key": "painting"}
