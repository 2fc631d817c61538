import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select, update

from app.auth.dependencies import key_ring, session_service
from app.auth.keys_schemas import KeyCreate
from app.auth.models import ApiKey, User, UserStatus
from app.core.clock import now
from app.core.config import LimitsSection, Settings
from app.core.db import Database
from app.core.errors import Unauthorized
from app.core.resources import Resources
from app.main import create_app
from tests.auth.calls import CHECK, KEYS, LOGOUT, new_key
from tests.factories.auth import make_user
from tests.support.app import client_of, resources_over
from tests.support.audit import all_acts
from tests.support.auth import Account, MakeAccount, account_of
from tests.support.calculator import StandInCalculator

NOBODY = "00000000-0000-7000-8000-00000000dead"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
READER = {"name": "robot", "scopes": ["orders:read"]}

Client = httpx.AsyncClient


async def issued(client: Client, account: Account, **changes: Any) -> dict[str, Any]:
    response = await client.post(KEYS, json={**READER, **changes}, headers=account.headers)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def check(client: Client, key: str) -> httpx.Response:
    return await client.get(CHECK, headers={"X-API-Key": key})


async def stored(db: Database) -> ApiKey:
    async with db.reading() as session:
        return (await session.execute(select(ApiKey))).scalar_one()


class TestIssueKey:
    async def test_refuses_a_stranger(self, client: Client) -> None:
        assert (await client.post(KEYS, json=READER)).status_code == 401

    async def test_shows_the_key_once_and_keeps_its_digest(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()

        key = await issued(client, account)

        row = await stored(db)
        assert key["key"].startswith(f"mw_{key['prefix']}_")
        assert len(key["key"]) >= 50
        assert key["key"] not in str(vars(row))
        (listed,) = (await client.get(KEYS, headers=account.headers)).json()["items"]
        assert listed == {name: value for name, value in key.items() if name != "key"}

    async def test_is_written_down_without_the_key(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()

        key = await issued(client, account)

        (act,) = await all_acts(db)
        assert (act.action, act.actor_id, act.object_id) == ("api_key.issued", account.id, key["id"])
        assert key["key"] not in str(act.after)

    async def test_customers_have_no_keys_for_rates(
        self, client: Client, as_user: MakeAccount, as_admin: MakeAccount
    ) -> None:
        body = {"name": "robot", "scopes": ["catalog:read"]}

        refused = await client.post(KEYS, json=body, headers=(await as_user()).headers)
        accepted = await client.post(KEYS, json=body, headers=(await as_admin()).headers)

        assert (refused.status_code, accepted.status_code) == (403, 201)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": " "}, "name"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["everything"]}, "scopes.0"),
            ({"expires_at": "2026-11-20T11:00:00+00:00"}, "expires_at"),
            ({"expires_at": "2027-11-20T11:00:00"}, "expires_at"),
            ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
            ({"name": "robot\nof Anna"}, "name"),
            ({"key": "mine"}, "key"),
            ({"user_id": NOBODY}, "user_id"),
        ],
        ids=str,
    )
    async def test_names_the_field_it_cannot_use(
        self, client: Client, as_user: MakeAccount, changes: dict[str, Any], field: str
    ) -> None:
        with time_machine.travel(NOON, tick=False):
            account = await as_user()
            response = await client.post(KEYS, json={**READER, **changes}, headers=account.headers)

        assert response.status_code == 422
        assert [error["field"] for error in response.json()["errors"]] == [field]

    async def test_one_account_has_so_many_keys(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        async with db.transaction() as session:
            session.add_all(
                ApiKey(user_id=account.id, name="robot", prefix=f"{n:010x}", digest="0" * 64, scopes=[])
                for n in range(50)
            )

        response = await client.post(KEYS, json=READER, headers=account.headers)

        assert (response.status_code, response.json()["code"]) == (409, "too-many-keys")

    async def test_a_session_that_ended_meanwhile_makes_none(
        self, client: Client, db: Database, resources: Resources, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        async with db.reading() as session:
            identity = await session_service(resources, session).identify(account.tokens.access_token)
        await client.post(LOGOUT, headers=account.headers)

        with pytest.raises(Unauthorized):
            async with db.transaction() as session:
                await key_ring(session).issue(identity, KeyCreate.model_validate(READER))

        assert await all_acts(db) == []

    async def test_also_when_all_are_asked_for_at_once(
        self, live: Database, live_client: Client, live_resources: Resources
    ) -> None:
        account = await account_of(live_resources, await make_user(live))
        async with live.transaction() as session:
            session.add_all(
                ApiKey(user_id=account.id, name="robot", prefix=f"{n:010x}", digest="0" * 64, scopes=[])
                for n in range(49)
            )

        answers = await asyncio.gather(*(new_key(live_client, account.headers) for _ in range(6)))

        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


class TestRevokeKey:
    async def test_makes_it_useless_at_once(self, client: Client, db: Database, as_user: MakeAccount) -> None:
        account = await as_user()
        key = await issued(client, account)
        before = await check(client, key["key"])

        response = await client.delete(f"{KEYS}/{key['id']}", headers=account.headers)

        after = await check(client, key["key"])
        assert (before.status_code, response.status_code, after.status_code) == (200, 204, 401)
        assert (await client.get(KEYS, headers=account.headers)).json()["total"] == 0
        assert [act.action for act in await all_acts(db)] == ["api_key.issued", "api_key.revoked"]

    async def test_keys_of_others_are_not_found(self, client: Client, as_user: MakeAccount) -> None:
        key = await issued(client, await as_user())
        stranger = await as_user()

        response = await client.delete(f"{KEYS}/{key['id']}", headers=stranger.headers)

        assert response.status_code == 404
        assert (await client.get(KEYS, headers=stranger.headers)).json()["total"] == 0
        assert (await check(client, key["key"])).status_code == 200

    async def test_a_revoked_key_is_not_found(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()
        key = await issued(client, account)
        await client.delete(f"{KEYS}/{key['id']}", headers=account.headers)

        assert (await client.delete(f"{KEYS}/{key['id']}", headers=account.headers)).status_code == 404


class TestCheckKey:
    async def test_says_what_the_key_may_do(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()
        key = await issued(client, account)

        response = await check(client, key["key"])

        assert response.status_code == 200
        assert response.json() == {
            "key_id": key["id"],
            "user_id": str(account.id),
            "name": "robot",
            "scopes": ["orders:read"],
            "expires_at": None,
        }

    @pytest.mark.parametrize(
        "mangle",
        [
            lambda _: "",
            lambda key: key[:-1],
            lambda key: key + "x",
            lambda key: key.upper(),
            lambda key: key.rpartition("_")[0],
            lambda _: "mw_" + "0" * 10 + "_" + "x" * 43,
            lambda _: "x" * 10_000,
            lambda _: "mw__",
        ],
        ids=["empty", "cut", "longer", "capitals", "no secret", "unknown", "endless", "no prefix"],
    )
    async def test_refuses_what_is_no_key(self, client: Client, as_user: MakeAccount, mangle: Any) -> None:
        key = await issued(client, await as_user())

        response = await check(client, mangle(key["key"]))

        assert (response.status_code, response.json()["code"]) == (401, "key-refused")
        assert response.headers["WWW-Authenticate"] == "ApiKey"

    async def test_knows_no_other_place_for_a_key(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()
        key = await issued(client, account)

        in_query = await client.get(CHECK, params={"api_key": key["key"], "X-API-Key": key["key"]})
        as_bearer = await client.get(CHECK, headers={"Authorization": f"Bearer {key['key']}"})
        as_cookie = await client.get(CHECK, headers={"Cookie": f"X-API-Key={key['key']}"})

        assert {in_query.status_code, as_bearer.status_code, as_cookie.status_code} == {401}

    async def test_a_login_is_no_key_and_a_key_no_login(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()
        key = await issued(client, account)

        assert (await client.get(CHECK, headers=account.headers)).status_code == 401
        assert (await client.get("/api/v1/profile", headers={"X-API-Key": key["key"]})).status_code == 401

    async def test_a_key_expires(self, client: Client, resources: Resources, as_user: MakeAccount) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            account = await as_user()
            key = await issued(client, account, expires_at=(NOON + timedelta(hours=1)).isoformat())
            clock.shift(3599)
            before = await check(client, key["key"])
            clock.shift(1)
            after = await check(client, key["key"])

        assert (before.status_code, after.status_code) == (200, 401)

    @pytest.mark.parametrize(
        "changes",
        [{"status": UserStatus.blocked}, {"status": UserStatus.deleted}, {"must_change_password": True}],
        ids=str,
    )
    async def test_a_key_goes_no_further_than_its_owner(
        self, client: Client, db: Database, as_user: MakeAccount, changes: dict[str, Any]
    ) -> None:
        account = await as_user()
        key = await issued(client, account)
        async with db.transaction() as session:
            await session.execute(update(User).where(User.id == account.id).values(**changes))

        assert (await check(client, key["key"])).status_code == 401

    async def test_so_does_one_of_an_address_that_is_to_be_confirmed(
        self, client: Client, db: Database, resources: Resources, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        key = await issued(client, account)
        settings = resources.get(Settings)
        gated = settings.auth.model_copy(update={"confirm_email": True})
        resources.add(settings.model_copy(update={"auth": gated}))

        before = await check(client, key["key"])
        async with db.transaction() as session:
            await session.execute(update(User).where(User.id == account.id).values(email_confirmed_at=now()))
        after = await check(client, key["key"])

        assert (before.status_code, after.status_code) == (401, 200)

    async def test_a_demoted_administrators_key_shows_no_rates(
        self, client: Client, db: Database, as_admin: MakeAccount
    ) -> None:
        account = await as_admin()
        key = await issued(client, account, scopes=["catalog:read", "orders:read"])
        async with db.transaction() as session:
            await session.execute(update(User).where(User.id == account.id).values(is_admin=False))

        assert (await check(client, key["key"])).json()["scopes"] == ["orders:read"]

    async def test_its_use_is_noted_to_the_minute(
        self, client: Client, db: Database, resources: Resources, as_user: MakeAccount
    ) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            key = await issued(client, await as_user())
            seen = []
            for _ in range(4):
                await check(client, key["key"])
                seen.append((await stored(db)).last_used_at)
                clock.shift(25)

        later = NOON + timedelta(seconds=75)
        assert seen == [NOON, NOON, NOON, later]


class TestTwoSeconds:
    @pytest.fixture
    async def two_processes(
        self, live: Database, settings: Settings, calculator: StandInCalculator
    ) -> AsyncIterator[tuple[Client, Client, Resources]]:
        """Two processes on one database, with the limits of production."""
        strict = settings.model_copy(update={"limits": LimitsSection()})
        app = create_app(strict)
        async with (
            resources_over(strict, live, calculator) as one,
            resources_over(strict, live, calculator) as two,
            client_of(app, one) as first,
            client_of(app, two) as second,
        ):
            yield first, second, one

    async def test_one_check_in_two_seconds_whoever_answers(
        self, two_processes: tuple[Client, Client, Resources], live: Database
    ) -> None:
        first, second, resources = two_processes
        with time_machine.travel(now(), tick=False) as clock:
            account = await account_of(resources, await make_user(live))
            key, other = [(await issued(first, account))["key"] for _ in range(2)]

            answers = [await check(first, key), await check(second, key), await check(second, other)]
            clock.shift(1.9)
            answers.append(await check(first, key))
            clock.shift(0.1)
            answers.append(await check(second, key))

        assert [answer.status_code for answer in answers] == [200, 429, 200, 429, 200]
        assert answers[1].headers["Retry-After"] == "2"
        assert answers[3].headers["Retry-After"] == "1"
        assert answers[0].headers["RateLimit"] == '"key-check";r=0;t=2'
        assert answers[1].json()["code"] == "rate-limited"

    async def test_a_wrong_key_says_so_instead_of_waiting(
        self, two_processes: tuple[Client, Client, Resources]
    ) -> None:
        first, _, _ = two_processes

        answers = [await check(first, "mw_0000000000_wrong") for _ in range(3)]

        assert {answer.status_code for answer in answers} == {401}
