import json
from datetime import timedelta

import pytest
from jose import jwt

from app.auth.models import UserStatus
from app.core.config import Settings
from app.core.db import Database
from app.core.security import digest
from app.main import create_app
from tests.auth.calls import LOGIN, PROFILE, Client, cookie_of, sessions_of
from tests.factories.auth import PASSWORD, make_user


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

    @pytest.mark.parametrize(
        "written",
        ["réne@почта.рф", "re\u0301ne@почта.рф", "RÉNE@ПОЧТА.РФ", "réne@xn--80a1acny.xn--p1ai"],
        ids=ascii,
    )
    async def test_finds_an_address_however_its_letters_are_written(
        self, client: Client, written: str
    ) -> None:
        body = {"email": "réne@почта.рф", "password": PASSWORD, "full_name": "René"}
        assert (await client.post("/api/v1/register", json=body)).status_code == 201

        assert (await client.post(LOGIN, json={"email": written, "password": PASSWORD})).status_code == 200
        again = await client.post("/api/v1/register", json={**body, "email": written})
        assert again.json()["code"] == "email-taken"

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

    async def test_takes_no_json_under_another_name(self, client: Client, db: Database) -> None:
        """Such a body any page may have a browser send, unasked."""
        user = await make_user(db)
        body = json.dumps({"email": user.email, "password": PASSWORD})

        response = await client.post(LOGIN, content=body, headers={"Content-Type": "text/plain"})

        assert (response.status_code, response.json()["code"]) == (422, "validation-failed")
        assert await sessions_of(db, user) == []


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
