import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from app.auth.cookies import COOKIE
from app.auth.models import UserStatus
from app.core.clock import now
from app.core.db import Database
from tests.auth.calls import (
    PROFILE,
    REFRESH,
    Client,
    change_user,
    cookie,
    cookie_of,
    sessions_of,
)
from tests.factories.auth import make_session, make_user, refresh_token
from tests.support.auth import MakeAccount


class TestRefresh:
    @pytest.mark.parametrize(
        "token", [None, "", ".", "x", "x.y", "0" * 32, f"{UUID(int=7).hex}.secret", "٣" * 32 + ".x"]
    )
    async def test_refuses_a_stranger(self, client: Client, token: str | None) -> None:
        headers = None if token is None else [(b"cookie", f"{COOKIE}={token}".encode())]

        response = await client.post(REFRESH, headers=headers)

        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"

    async def test_replaces_the_token_and_gives_access(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()

        response = await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))

        assert response.status_code == 200
        assert cookie_of(response).value != account.tokens.refresh_token
        headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
        assert (await client.get(PROFILE, headers=headers)).status_code == 200

    async def test_a_lost_answer_is_given_again_for_some_seconds(
        self, client: Client, as_user: MakeAccount, clock: Callable[[float], None]
    ) -> None:
        account = await as_user()
        first = cookie_of(await client.post(REFRESH, headers=cookie(account.tokens.refresh_token)))

        clock(9)
        again = cookie_of(await client.post(REFRESH, headers=cookie(account.tokens.refresh_token)))
        onward = await client.post(REFRESH, headers=cookie(first.value))

        assert again.value == first.value
        assert onward.status_code == 200

    async def test_a_session_ends_one_day_however_often_it_is_used(
        self, client: Client, db: Database, clock: Callable[[float], None]
    ) -> None:
        ends = now() + timedelta(days=30)
        session = await make_session(
            db, user=await make_user(db), secret="x", remember_me=True, expires_at=ends
        )
        token, statuses = refresh_token(session, "x"), []

        for _ in range(7):
            clock(29.9 * 86_400)
            response = await client.post(REFRESH, headers=cookie(token))
            statuses.append(response.status_code)
            token = cookie_of(response).value if response.status_code == 200 else token

        assert statuses == [200, 200, 200, 200, 200, 200, 401]

    async def test_a_replaced_token_used_later_ends_the_session(
        self, client: Client, db: Database, as_user: MakeAccount, clock: Callable[[float], None]
    ) -> None:
        account = await as_user()
        successor = cookie_of(await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))).value

        clock(11)
        stolen = await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))

        assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh-reused")
        (session,) = await sessions_of(db, account.user)
        assert session.revoked_at == now()
        assert (await client.post(REFRESH, headers=cookie(successor))).status_code == 401
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401

    async def test_so_does_a_token_replaced_long_ago(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()
        token = account.tokens.refresh_token
        for _ in range(2):
            token = cookie_of(await client.post(REFRESH, headers=cookie(token))).value

        assert (await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))).status_code == 401
        assert (await client.post(REFRESH, headers=cookie(token))).status_code == 401

    async def test_a_session_lives_on_while_it_is_used(
        self, client: Client, db: Database, clock: Callable[[float], None]
    ) -> None:
        user = await make_user(db)
        session = await make_session(db, user=user, secret="s3cret")
        token = refresh_token(session, "s3cret")
        for _ in range(3):
            clock(11 * 3600)
            token = cookie_of(await client.post(REFRESH, headers=cookie(token))).value

        clock(12 * 3600)
        expired = await client.post(REFRESH, headers=cookie(token))

        assert (expired.status_code, expired.json()["code"]) == (401, "unauthenticated")

    async def test_refuses_a_blocked_user_without_ending_his_session(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        await change_user(db, account.id, status=UserStatus.blocked)

        refused = await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))
        await change_user(db, account.id, status=UserStatus.active)
        allowed = await client.post(REFRESH, headers=cookie(account.tokens.refresh_token))

        assert (refused.status_code, allowed.status_code) == (401, 200)

    async def test_many_at_once_get_one_successor(self, live: Database, live_client: Client) -> None:
        session = await make_session(live, user=await make_user(live), secret="s3cret")
        token = refresh_token(session, "s3cret")

        responses = await asyncio.gather(
            *(live_client.post(REFRESH, headers=cookie(token)) for _ in range(20))
        )

        assert {response.status_code for response in responses} == {200}
        (successor,) = {cookie_of(response).value for response in responses}
        live_client.cookies.clear()
        assert (await live_client.post(REFRESH, headers=cookie(successor))).status_code == 200

    async def test_a_reused_token_ends_the_session_for_good(
        self, live: Database, live_client: Client
    ) -> None:
        user = await make_user(live)
        session = await make_session(live, user=user, secret="s3cret")

        refused = await live_client.post(REFRESH, headers=cookie(refresh_token(session, "guessed")))

        assert refused.json()["code"] == "refresh-reused"
        (row,) = await sessions_of(live, user)
        assert row.revoked_at is not None
