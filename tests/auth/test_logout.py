import pytest

from app.core.resources import Resources
from tests.auth.calls import LOGOUT, PROFILE, REFRESH, Client, cookie, cookie_of
from tests.support.auth import MakeAccount, account_of


class TestLogout:
    async def test_a_stranger_has_nothing_to_end(self, client: Client) -> None:
        response = await client.post(LOGOUT)

        assert response.status_code == 204
        assert cookie_of(response)["max-age"] == "0"

    @pytest.mark.parametrize("by", ["cookie", "access token"])
    async def test_ends_the_session_at_once(self, client: Client, as_user: MakeAccount, by: str) -> None:
        account = await as_user()
        headers = cookie(account.tokens.refresh_token) if by == "cookie" else account.headers

        response = await client.post(LOGOUT, headers=headers)

        assert response.status_code == 204
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401
        refreshed = await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))
        assert refreshed.status_code == 401

    async def test_leaves_other_sessions_alone(
        self, client: Client, resources: Resources, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        other = await account_of(resources, account.user)

        await client.post(LOGOUT, headers=cookie(account.tokens.refresh_token))

        assert (await client.get(PROFILE, headers=other.headers)).status_code == 200

    @pytest.mark.parametrize("token", ["rubbish", "{session}.guessed", "00000000000070008000000000000009.x"])
    async def test_nobody_ends_a_session_by_guessing(
        self, client: Client, as_user: MakeAccount, token: str
    ) -> None:
        account = await as_user()

        response = await client.post(LOGOUT, headers=cookie(token.format(session=account.session_id.hex)))

        assert response.status_code == 204
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 200

    @pytest.mark.parametrize("stale", ["rubbish", "ended", "another session"])
    async def test_ends_the_session_of_the_access_token_whatever_the_cookie_is(
        self, client: Client, resources: Resources, as_user: MakeAccount, stale: str
    ) -> None:
        account = await as_user()
        other = await account_of(resources, account.user)
        if stale == "ended":
            await client.post(LOGOUT, headers=other.headers)
        token = "rubbish" if stale == "rubbish" else other.tokens.refresh_token

        response = await client.post(LOGOUT, headers={**account.headers, **cookie(token)})

        assert response.status_code == 204
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401
        left = await client.get(PROFILE, headers=other.headers)
        assert left.status_code == (200 if stale == "rubbish" else 401)

    async def test_ends_one_session_named_twice(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()

        response = await client.post(
            LOGOUT, headers={**account.headers, **cookie(account.tokens.refresh_token)}
        )

        assert response.status_code == 204
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401

    async def test_a_dead_access_token_does_not_save_the_session_of_the_cookie(
        self, client: Client, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        headers = {**cookie(account.tokens.refresh_token), "Authorization": "Bearer rubbish"}

        response = await client.post(LOGOUT, headers=headers)

        assert response.status_code == 204
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401

    async def test_a_dead_access_token_alone_is_refused(self, client: Client) -> None:
        response = await client.post(LOGOUT, headers={"Authorization": "Bearer rubbish"})

        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
