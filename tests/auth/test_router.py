import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from jose import jwt
from sqlalchemy import select, update

from app.auth.cookies import COOKIE
from app.auth.models import Session, User, UserStatus
from app.core.clock import now
from app.core.config import Settings
from app.core.db import Database
from app.core.resources import Resources
from app.core.security import digest
from app.main import create_app
from tests.factories.auth import PASSWORD, make_session, make_user, refresh_token
from tests.support.app import BASE_URL, SECRET
from tests.support.auth import Account, MakeAccount, account_of

LOGIN = "/api/v1/login"
REFRESH = "/api/v1/refresh"
LOGOUT = "/api/v1/logout"
CHANGE = "/api/v1/password/change"
PROFILE = "/api/v1/profile"

Client = httpx.AsyncClient


def cookie_of(response: httpx.Response) -> "Morsel[str]":
    (header,) = response.headers.get_list("set-cookie")
    return SimpleCookie(header)[COOKIE]


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={token}"}


async def sessions_of(db: Database, user: User) -> list[Session]:
    async with db.reading() as session:
        return list(await session.scalars(select(Session).where(Session.user_id == user.id)))


async def change_user(db: Database, user_id: UUID, **values: Any) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).where(User.id == user_id).values(**values))


@pytest.fixture
def clock() -> Iterator[Callable[[float], None]]:
    """Moves the time forward by so many seconds."""
    with time_machine.travel(now(), tick=False) as travelled:
        yield lambda seconds: travelled.shift(timedelta(seconds=seconds))


class TestLogin:
    @pytest.mark.parametrize("account", ["unknown", "wrong password", "blocked", "deleted", "long password"])
    async def test_refuses_everybody_with_the_same_words(
        self, client: Client, db: Database, account: str
    ) -> None:
        status = {"blocked": UserStatus.blocked, "deleted": UserStatus.deleted}.get(
            account, UserStatus.active
        )
        user = await make_user(db, status=status)
        email = "nobody@example.com" if account == "unknown" else user.email
        password = {"wrong password": PASSWORD + "!", "long password": "ж" * 1024}.get(account, PASSWORD)

        response = await client.post(LOGIN, json={"email": email, "password": password})

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "set-cookie" not in response.headers
        problem = response.json()
        assert (problem["code"], problem["detail"]) == (
            "login-refused",
            "Name or password is wrong, or this account may not be used.",
        )
        assert await sessions_of(db, user) == []

    @pytest.mark.parametrize(
        "name",
        [
            {"email": "Anna@Example.com"},
            {"email": "anna@example.com "},
            {"username": "anna.p"},
            {"username": "ANNA.P"},
            {"username": "anna@example.com"},
        ],
        ids=str,
    )
    async def test_finds_the_account_by_either_name_in_any_case(
        self, client: Client, db: Database, name: dict[str, str]
    ) -> None:
        await make_user(db, email="Anna@example.com", username="Anna.P")

        response = await client.post(LOGIN, json={**name, "password": PASSWORD})

        assert response.status_code == 200
        body = response.json()
        assert set(body) == {"access_token", "token_type", "expires_in", "must_change_password"}
        assert (body["token_type"], body["expires_in"], body["must_change_password"]) == (
            "bearer",
            900,
            False,
        )

    async def test_takes_the_form_of_the_authorize_button(self, client: Client, db: Database) -> None:
        user = await make_user(db, username="anna")
        form = {
            "grant_type": "password",
            "username": "anna",
            "password": PASSWORD,
            "scope": "",
            "client_id": "",
        }

        response = await client.post(LOGIN, data=form)

        assert response.status_code == 200
        claims = jwt.get_unverified_claims(response.json()["access_token"])
        assert claims["sub"] == str(user.id)
        assert (claims["username"], claims["is_admin"], claims["typ"]) == ("anna", False, "access")

    @pytest.mark.parametrize(("remember_me", "seconds"), [(False, 12 * 3600), (True, 30 * 24 * 3600)])
    async def test_keeps_the_refresh_token_where_scripts_cannot_read_it(
        self, client: Client, db: Database, *, remember_me: bool, seconds: int
    ) -> None:
        user = await make_user(db)
        credentials = {"email": user.email, "password": PASSWORD, "remember_me": remember_me}

        response = await client.post(LOGIN, json=credentials, headers={"User-Agent": "x" * 1000})

        morsel = cookie_of(response)
        assert morsel["httponly"] is True
        assert (morsel["samesite"], morsel["path"], morsel["max-age"]) == ("lax", "/api/v1", str(seconds))
        assert response.headers["Cache-Control"] == "no-store"
        (session,) = await sessions_of(db, user)
        assert session.refresh_digest == digest(morsel.value.partition(".")[2])
        assert session.remember_me is remember_me
        assert session.expires_at - session.last_used_at == timedelta(seconds=seconds)
        assert session.user_agent == "x" * 255

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"password": PASSWORD}, 422),
            ({"email": "a@example.com", "username": "a", "password": PASSWORD}, 422),
            ({"email": "a@example.com"}, 422),
            ({"email": "a\x00@example.com", "password": PASSWORD}, 422),
            ({"email": "a@example.com", "password": "x\x00"}, 422),
            ({"email": "a@example.com", "password": PASSWORD, "is_admin": True}, 422),
            ({"email": "a" * 300, "password": PASSWORD}, 422),
            ([], 422),
        ],
        ids=str,
    )
    async def test_refuses_a_body_it_cannot_use(self, client: Client, body: object, status: int) -> None:
        response = await client.post(LOGIN, json=body)

        assert response.status_code == status
        assert response.json()["code"] == "validation-failed"

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"username=%ff&password=x", 400),
            (b"\xff", 400),
            (b"&".join(b"a=1" for _ in range(1000)), 400),
            (b"username=a", 422),
            (b"grant_type=client_credentials&username=a&password=b", 422),
            (b"", 422),
        ],
        ids=lambda value: repr(value)[:30],
    )
    async def test_refuses_a_form_it_cannot_use(self, client: Client, content: bytes, status: int) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}

        assert (await client.post(LOGIN, content=content, headers=headers)).status_code == status

    async def test_refuses_json_that_is_none(self, client: Client) -> None:
        response = await client.post(LOGIN, content=b"{", headers={"Content-Type": "application/json"})

        assert (response.status_code, response.json()["code"]) == (400, "malformed")


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


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
class TestForeignPages:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://millwright.test.evil.example"},
            {"Origin": "http://millwright.test:8080"},
            {"Origin": "http://millwright.test@evil.example"},
            {"Origin": "http://[::1"},
            {"Origin": "file://millwright.test"},
            {"Origin": ""},
            {"Sec-Fetch-Site": "cross-site"},
        ],
        ids=str,
    )
    async def test_may_not_use_the_cookie(
        self, client: Client, as_user: MakeAccount, path: str, headers: dict[str, str]
    ) -> None:
        account = await as_user()

        response = await client.post(path, headers={**cookie(account.tokens.refresh_token), **headers})

        assert (response.status_code, response.json()["code"]) == (403, "foreign-origin")
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": BASE_URL},
            {"Origin": "http://MILLWRIGHT.test:80"},
            {"Origin": "https://millwright.test:443", "Host": "millwright.test"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ],
        ids=str,
    )
    async def test_our_own_may(
        self, client: Client, as_user: MakeAccount, path: str, headers: dict[str, str]
    ) -> None:
        account = await as_user()

        response = await client.post(path, headers={**cookie(account.tokens.refresh_token), **headers})

        assert response.is_success


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
        new = "п" * 256

        await client.post(CHANGE, json={"old": PASSWORD, "new": new}, headers=account.headers)

        email = account.user.email
        assert (await client.post(LOGIN, json={"email": email, "password": PASSWORD})).status_code == 401
        assert (await client.post(LOGIN, json={"email": email, "password": new})).status_code == 200


class TestMustChangePassword:
    @pytest.fixture
    async def account(self, as_admin: MakeAccount) -> Account:
        return await as_admin(must_change_password=True)

    async def test_nothing_else_is_allowed(self, client: Client, account: Account) -> None:
        for path in (PROFILE, "/api/v1/files"):
            response = await client.get(path, headers=account.headers)

            assert (response.status_code, response.json()["code"]) == (403, "must-change-password")

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
        "claims", [{"aud": "x"}, {"iss": "x"}, {"typ": "refresh"}, {"sid": str(UUID(int=1))}]
    )
    async def test_a_token_of_another_kind_is_refused_though_we_signed_it(
        self, client: Client, as_user: MakeAccount, claims: dict[str, str]
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


async def test_the_document_offers_both_ways_to_sign_in(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()

    content = document["paths"][LOGIN]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-www-form-urlencoded"}
    flow = document["components"]["securitySchemes"]["Password"]["flows"]["password"]
    assert flow["tokenUrl"] == LOGIN
    assert document["paths"][PROFILE]["get"]["security"] == [{"Password": []}]


def test_the_document_finds_the_login_under_a_base_path(settings: Settings) -> None:
    server = settings.server.model_copy(update={"base_path": "/shop"})

    document = create_app(settings.model_copy(update={"server": server})).openapi()

    flow = document["components"]["securitySchemes"]["Password"]["flows"]["password"]
    assert flow["tokenUrl"] == "/shop/api/v1/login"
    assert "/shop/api/v1/login" in document["paths"]
