import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from jose import jwt

from app.auth.models import UserStatus
from app.core.db import Database
from tests.auth.calls import (
    PROFILE,
    Client,
    change_user,
)
from tests.support.app import SECRET
from tests.support.auth import Account, MakeAccount


class TestAccess:
    """What holds at every route that wants somebody signed in; the profile stands for all."""

    async def refused(self, client: Client, account: Account) -> bool:
        response = await client.get(PROFILE, headers=account.headers)
        if response.status_code == 401:
            assert response.json()["code"] == "unauthenticated"
            assert response.headers["WWW-Authenticate"] == "Bearer"
        return response.status_code == 401

    @pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Basic eDp5", "Bearer a.b.c", "Token x"])
    async def test_refuses_a_stranger(self, client: Client, header: str | None) -> None:
        headers = {} if header is None else {"Authorization": header}

        response = await client.get(PROFILE, headers=headers)

        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"

    async def test_lets_the_living_in(self, client: Client, as_user: MakeAccount) -> None:
        assert not await self.refused(client, await as_user())

    @pytest.mark.parametrize(
        "values",
        [{"status": UserStatus.blocked}, {"status": UserStatus.deleted}, {"token_version": 2}],
        ids=str,
    )
    async def test_the_database_decides_at_the_next_request(
        self, client: Client, db: Database, as_user: MakeAccount, values: dict[str, Any]
    ) -> None:
        account = await as_user()
        assert not await self.refused(client, account)

        await change_user(db, account.id, **values)

        assert await self.refused(client, account)

    async def test_an_expired_token_is_refused_though_its_session_lives(
        self, client: Client, as_user: MakeAccount, clock: Callable[[float], None]
    ) -> None:
        account = await as_user()

        clock(15 * 60 + 1)

        assert await self.refused(client, account)

    @pytest.mark.parametrize(
        "claims", [{"aud": "x"}, {"iss": "x"}, {"typ": "refresh"}, {"sid": str(UUID(int=1))}, {"ver": 2}]
    )
    async def test_a_token_of_another_kind_is_refused_though_we_signed_it(
        self, client: Client, as_user: MakeAccount, claims: dict[str, object]
    ) -> None:
        account = await as_user()
        changed = {**jwt.get_unverified_claims(account.tokens.access_token), **claims}
        forged = jwt.encode(changed, SECRET, algorithm="HS256")

        response = await client.get(PROFILE, headers={"Authorization": f"Bearer {forged}"})

        assert response.status_code == 401

    async def test_an_unsigned_token_is_refused(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()
        _, body, signature = account.tokens.access_token.split(".")
        header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()

        for forged in (f"{header}.{body}.{signature}", f"{header}.{body}."):
            response = await client.get(PROFILE, headers={"Authorization": f"Bearer {forged}"})

            assert response.status_code == 401

    async def test_the_session_of_another_user_does_not_help(
        self, client: Client, as_user: MakeAccount
    ) -> None:
        thief, victim = await as_user(), await as_user()
        claims = jwt.get_unverified_claims(thief.tokens.access_token)
        forged = jwt.encode({**claims, "sid": str(victim.session_id)}, SECRET, algorithm="HS256")

        response = await client.get(PROFILE, headers={"Authorization": f"Bearer {forged}"})

        assert response.status_code == 401

    async def test_a_refresh_token_is_no_access_token(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()

        response = await client.get(
            PROFILE, headers={"Authorization": f"Bearer {account.tokens.refresh_token}"}
        )

        assert response.status_code == 401
