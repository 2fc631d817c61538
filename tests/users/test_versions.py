"""Two who edit the same profile: the second one is told, instead of undoing what the first has done."""

import asyncio

import httpx
import pytest

from app.core.db import Database
from tests.factories.auth import PASSWORD, make_user
from tests.factories.users import make_profile
from tests.support.auth import Account, MakeAccount

PROFILE = "/api/v1/profile"
USERS = "/api/v1/users"

Client = httpx.AsyncClient


@pytest.fixture
async def admin(as_admin: MakeAccount) -> Account:
    return await as_admin()


class TestProfile:
    async def test_tells_its_version_and_raises_it_with_every_change(
        self, client: Client, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        first = await client.get(PROFILE, headers=account.headers)

        changed = await client.patch(
            PROFILE, json={"city": "Tula", "username": "anna"}, headers=account.headers
        )
        same = await client.patch(PROFILE, json={"city": "Tula"}, headers=account.headers)

        assert (first.headers["ETag"], first.json()["version"]) == ('"1"', 1)
        assert (changed.headers["ETag"], changed.json()["version"]) == ('"2"', 2)
        assert same.headers["ETag"] == '"2"'
        assert (await client.get(PROFILE, headers=account.headers)).headers["ETag"] == '"2"'

    @pytest.mark.parametrize(
        ("if_match", "status"),
        [
            ('"1"', 200),
            ("*", 200),
            ('"7", "1"', 200),
            ('"2"', 412),
            ('W/"1"', 412),
            ("1", 412),
            ("", 412),
        ],
    )
    async def test_is_changed_only_in_the_version_that_was_seen(
        self, client: Client, as_user: MakeAccount, if_match: str, status: int
    ) -> None:
        account = await as_user()

        answer = await client.patch(
            PROFILE, json={"city": "Tula"}, headers={**account.headers, "If-Match": if_match}
        )

        assert answer.status_code == status
        stored = (await client.get(PROFILE, headers=account.headers)).json()
        assert stored["city"] == ("Tula" if status == 200 else None)
        if status == 412:
            assert answer.json()["code"] == "version-conflict"

    async def test_of_many_changes_of_one_version_one_is_made(
        self, live: Database, live_client: Client
    ) -> None:
        user = await make_user(live)
        await make_profile(live, user=user)
        login = await live_client.post("/api/v1/login", json={"email": user.email, "password": PASSWORD})
        headers = {"Authorization": f"Bearer {login.json()['access_token']}", "If-Match": '"1"'}

        answers = await asyncio.gather(
            *(live_client.patch(PROFILE, json={"city": f"Tula {n}"}, headers=headers) for n in range(8))
        )

        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


class TestUser:
    @pytest.mark.parametrize(
        ("method", "body"),
        [
            ("PATCH", {"city": "Tula"}),
            ("PATCH", {"status": "blocked"}),
            ("PATCH", {"is_admin": True}),
            ("PATCH", {"email": "other@example.com"}),
            ("PATCH", {"password": "staple of a horse 7"}),
            ("DELETE", None),
        ],
        ids=str,
    )
    async def test_is_changed_only_in_the_version_that_was_seen(
        self,
        client: Client,
        db: Database,
        admin: Account,
        method: str,
        body: dict[str, object] | None,
    ) -> None:
        address = f"{USERS}/{(await make_user(db)).id}"
        seen = (await client.get(address, headers=admin.headers)).headers["ETag"]
        headers = {**admin.headers, "If-Match": seen}

        first = await client.request(method, address, json=body, headers=headers)
        second = await client.request("PATCH", address, json={"city": "Omsk"}, headers=headers)

        assert first.is_success
        assert (second.status_code, second.json()["code"]) == (412, "version-conflict")
        now = await client.get(address, headers=admin.headers)
        assert (now.headers["ETag"], now.json()["city"] == "Omsk") == ('"2"', False)

    async def test_is_not_erased_when_he_was_restored_meanwhile(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        address = f"{USERS}/{(await make_user(db)).id}"
        await client.delete(address, headers=admin.headers)
        seen = (await client.get(address, headers=admin.headers)).headers["ETag"]
        restored = await client.post(f"{address}/restore", headers=admin.headers)

        answer = await client.delete(f"{address}/hard", headers={**admin.headers, "If-Match": seen})

        assert (restored.headers["ETag"], answer.status_code) == ('"3"', 412)

    async def test_what_the_customer_changes_is_a_new_version_for_the_administrator(
        self, client: Client, as_user: MakeAccount, admin: Account
    ) -> None:
        account = await as_user()
        seen = (await client.get(f"{USERS}/{account.id}", headers=admin.headers)).headers["ETag"]
        await client.patch(PROFILE, json={"city": "Tula"}, headers=account.headers)

        answer = await client.patch(
            f"{USERS}/{account.id}", json={"city": "Omsk"}, headers={**admin.headers, "If-Match": seen}
        )

        assert answer.status_code == 412
