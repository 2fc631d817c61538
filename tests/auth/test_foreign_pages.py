import pytest

from app.core.db import Database
from tests.auth.calls import LOGIN, LOGOUT, PROFILE, REFRESH, Client, cookie, sessions_of
from tests.factories.auth import PASSWORD, make_user
from tests.support.app import BASE_URL
from tests.support.auth import MakeAccount

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://millwright.test.evil.example"},
    {"Origin": "http://millwright.test:8080"},
    {"Origin": "http://millwright.test@evil.example"},
    {"Origin": "http://[::1"},
    {"Origin": "file://millwright.test"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
]
OWN = [
    {},
    {"Origin": BASE_URL},
    {"Origin": "http://MILLWRIGHT.test:80"},
    {"Origin": "https://millwright.test:443", "Host": "millwright.test"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"},
]
"""The last one is a frontend on a developer's machine; these tests run in development."""


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
class TestTheCookie:
    @pytest.mark.parametrize("headers", FOREIGN, ids=str)
    async def test_may_not_use_the_cookie(
        self, client: Client, as_user: MakeAccount, path: str, headers: dict[str, str]
    ) -> None:
        account = await as_user()

        response = await client.post(path, headers={**cookie(account.tokens.refresh_token), **headers})

        assert (response.status_code, response.json()["code"]) == (403, "foreign-origin")
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 200

    @pytest.mark.parametrize("headers", OWN, ids=str)
    async def test_our_own_may(
        self, client: Client, as_user: MakeAccount, path: str, headers: dict[str, str]
    ) -> None:
        account = await as_user()

        response = await client.post(path, headers={**cookie(account.tokens.refresh_token), **headers})

        assert response.is_success


class TestLogin:
    """A page elsewhere would have its visitor work under an account of its choice."""

    @pytest.mark.parametrize("headers", FOREIGN, ids=str)
    async def test_is_not_for_foreign_pages(
        self, client: Client, db: Database, headers: dict[str, str]
    ) -> None:
        user = await make_user(db)

        response = await client.post(LOGIN, json={"email": user.email, "password": PASSWORD}, headers=headers)

        assert (response.status_code, response.json()["code"]) == (403, "foreign-origin")
        assert "set-cookie" not in response.headers
        assert await sessions_of(db, user) == []

    @pytest.mark.parametrize("headers", OWN, ids=str)
    async def test_is_for_our_own(self, client: Client, db: Database, headers: dict[str, str]) -> None:
        user = await make_user(db)

        response = await client.post(LOGIN, json={"email": user.email, "password": PASSWORD}, headers=headers)

        assert response.status_code == 200
