import pytest
from fastapi import FastAPI

from app.core.db import Database
from app.core.resources import Resources
from tests.auth.calls import CHANGE, LOGIN, LOGOUT, PROFILE, REFRESH, Client, cookie, holds, new_key
from tests.factories.auth import PASSWORD
from tests.factories.users import make_profile
from tests.support.audit import all_acts
from tests.support.auth import Account, MakeAccount, account_of

STILL_ALLOWED = {CHANGE, REFRESH, LOGOUT}


class TestChangePassword:
    async def test_refuses_a_stranger(self, client: Client) -> None:
        response = await client.post(CHANGE, json={"old": PASSWORD, "new": "another password"})

        assert response.status_code == 401

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"old": "wrong", "new": "another password"}, 403, "wrong-password"),
            ({"old": PASSWORD, "new": "short67"}, 422, "validation-failed"),
            ({"old": PASSWORD, "new": "x" * 257}, 422, "validation-failed"),
            ({"old": PASSWORD, "new": PASSWORD}, 422, "validation-failed"),
            ({"new": "another password"}, 422, "validation-failed"),
        ],
        ids=["wrong", "short", "long", "same", "missing"],
    )
    async def test_changes_nothing_when_refused(
        self, client: Client, as_user: MakeAccount, change: dict[str, str], status: int, code: str
    ) -> None:
        account = await as_user()

        response = await client.post(CHANGE, json=change, headers=account.headers)

        assert (response.status_code, response.json()["code"]) == (status, code)
        login = await client.post(LOGIN, json={"email": account.user.email, "password": PASSWORD})
        assert login.status_code == 200

    @pytest.mark.parametrize(
        ("new", "code"),
        [
            ("Password2024", "common-password"),
            ("zlata@example", "personal-password"),
            ("Rybkina-1990", "personal-password"),
            ("Рыбкина1990", "personal-password"),
        ],
    )
    async def test_takes_none_that_would_be_guessed(
        self, client: Client, db: Database, as_user: MakeAccount, new: str, code: str
    ) -> None:
        account = await as_user(email="zlata@example.com", username="rybkina")
        await make_profile(db, user=account.user, full_name="Злата Рыбкина")

        response = await client.post(CHANGE, json={"old": PASSWORD, "new": new}, headers=account.headers)

        assert response.status_code == 422
        assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("new", code)]

    async def test_ends_every_other_session_and_goes_on_with_this_one(
        self, client: Client, resources: Resources, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        other = await account_of(resources, account.user)
        change = {"old": PASSWORD, "new": "another password"}

        response = await client.post(CHANGE, json=change, headers=account.headers)

        assert response.status_code == 200
        renewed = {"Authorization": f"Bearer {response.json()['access_token']}"}
        assert (await client.get(PROFILE, headers=renewed)).status_code == 200
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401
        assert (await client.get(PROFILE, headers=other.headers)).status_code == 401
        assert (await client.post(REFRESH, headers=cookie(other.tokens.refresh_token))).status_code == 401
        assert (await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))).status_code == 200

    async def test_only_the_new_password_opens_from_now_on(
        self, client: Client, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        new = "Щука" * 64

        await client.post(CHANGE, json={"old": PASSWORD, "new": new}, headers=account.headers)

        email = account.user.email
        assert (await client.post(LOGIN, json={"email": email, "password": PASSWORD})).status_code == 401
        assert (await client.post(LOGIN, json={"email": email, "password": new})).status_code == 200


class TestKeys:
    @pytest.mark.parametrize(("wish", "is_kept"), [({}, True), ({"revoke_keys": True}, False)], ids=str)
    async def test_end_with_the_old_password_where_their_owner_says_so(
        self, client: Client, db: Database, as_user: MakeAccount, wish: dict[str, bool], *, is_kept: bool
    ) -> None:
        account, other = await as_user(), await as_user()
        own, foreign = [(await new_key(client, who.headers)).json()["key"] for who in (account, other)]

        change = {"old": PASSWORD, "new": "another password", **wish}
        answer = await client.post(CHANGE, json=change, headers=account.headers)

        assert answer.status_code == 200
        assert (await holds(client, own), await holds(client, foreign)) == (is_kept, True)
        acts = [act.action for act in await all_acts(db)]
        assert acts.count("api_key.revoked") == (0 if is_kept else 1)


class TestMustChangePassword:
    @pytest.fixture
    async def account(self, as_admin: MakeAccount) -> Account:
        return await as_admin(must_change_password=True)

    async def test_nothing_else_is_allowed(self, client: Client, account: Account) -> None:
        for path in (PROFILE, "/api/v1/files"):
            response = await client.get(path, headers=account.headers)

            assert (response.status_code, response.json()["code"]) == (403, "must-change-password")

    async def test_no_route_forgets_it(self, client: Client, application: FastAPI, account: Account) -> None:
        signed_in = [
            (method, path)
            for path, methods in application.openapi()["paths"].items()
            for method, described in methods.items()
            if {"Password": []} in described.get("security", []) and path not in STILL_ALLOWED
        ]
        assert len(signed_in) > 20

        answers = {
            (method, path): await client.request(
                method, path.replace("{", "").replace("}", ""), json={}, headers=account.headers
            )
            for method, path in signed_in
        }

        assert {
            route: (answer.status_code, answer.text)
            for route, answer in answers.items()
            if answer.status_code != 403 or answer.json()["code"] != "must-change-password"
        } == {}

    async def test_staying_and_leaving_are(self, client: Client, account: Account) -> None:
        refreshed = await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))
        left = await client.post(LOGOUT, headers=account.headers)

        assert refreshed.json()["must_change_password"] is True
        assert left.status_code == 204

    async def test_changing_it_opens_everything(self, client: Client, account: Account) -> None:
        change = {"old": PASSWORD, "new": "another password"}

        body = (await client.post(CHANGE, json=change, headers=account.headers)).json()

        assert body["must_change_password"] is False
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        assert (await client.get(PROFILE, headers=headers)).status_code == 200
