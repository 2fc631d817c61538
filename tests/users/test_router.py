import asyncio
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.auth.models import User
from app.core.config import LimitsSection, Settings
from app.core.db import Database
from app.main import create_app
from app.users.models import Profile, UserType
from tests.factories.auth import PASSWORD, make_user
from tests.factories.users import BANK, LEGAL, make_profile, registration
from tests.support.app import client_of, resources_over
from tests.support.auth import MakeAccount, account_of
from tests.support.calculator import StandInCalculator

REGISTER = "/api/v1/register"
PROFILE = "/api/v1/profile"

Client = httpx.AsyncClient


async def count(db: Database, model: type[User | Profile]) -> int:
    async with db.reading() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


def fields(response: httpx.Response) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


class TestRegister:
    async def test_makes_an_account_that_can_sign_in(self, client: Client) -> None:
        body = registration(
            email="Anna@Example.com", username="anna", phone="+7 (912) 345-67-89", city=" Tula "
        )

        response = await client.post(REGISTER, json=body)

        assert response.status_code == 201
        profile = response.json()
        assert profile["email"] == "Anna@example.com"
        assert (profile["username"], profile["full_name"], profile["city"], profile["phone"]) == (
            "anna",
            "Anna Petrova",
            "Tula",
            "+79123456789",
        )
        assert (profile["user_type"], profile["is_admin"], profile["company"]) == ("individual", False, None)
        assert not {"password", "password_hash", "email_key"} & set(profile)
        login = await client.post("/api/v1/login", json={"username": "anna", "password": PASSWORD})
        headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
        assert (await client.get(PROFILE, headers=headers)).json() == profile

    @pytest.mark.parametrize("email", ["anna@example.com", "ANNA@EXAMPLE.COM", " Anna@example.com "])
    async def test_an_address_can_be_used_once(self, client: Client, db: Database, email: str) -> None:
        await make_user(db, email="anna@example.com")

        response = await client.post(REGISTER, json=registration(email=email))

        assert (response.status_code, response.json()["code"]) == (409, "email-taken")
        assert (await count(db, User), await count(db, Profile)) == (1, 0)

    async def test_so_can_a_user_name(self, client: Client, db: Database) -> None:
        await make_user(db, username="anna")

        response = await client.post(REGISTER, json=registration(username="Anna"))

        assert (response.status_code, response.json()["code"]) == (409, "username-taken")

    async def test_of_twins_at_the_same_moment_one_gets_it(self, live: Database, live_client: Client) -> None:
        body = registration()

        responses = await asyncio.gather(*(live_client.post(REGISTER, json=body) for _ in range(5)))

        assert sorted(response.status_code for response in responses) == [201, 409, 409, 409, 409]
        assert {response.json().get("code") for response in responses} == {None, "email-taken"}
        assert (await count(live, User), await count(live, Profile)) == (1, 1)

    @pytest.mark.parametrize("password", ["j4 Wq7Lp", "жук " * 64, "замок\U0001f512!!"])
    async def test_takes_passwords_of_8_to_256_characters(self, client: Client, password: str) -> None:
        body = registration(password=password)

        assert (await client.post(REGISTER, json=body)).status_code == 201

        credentials = {"email": body["email"], "password": password}
        assert (await client.post("/api/v1/login", json=credentials)).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"password": "x" * 7}, "password"),
            ({"password": "x" * 257}, "password"),
            ({"password": "nul\x00 inside"}, "password"),
            ({"email": "anna"}, "email"),
            ({"email": "a" * 300 + "@example.com"}, "email"),
            ({"email": "a\x00@example.com"}, "email"),
            ({"full_name": "  "}, "full_name"),
            ({"full_name": None}, "full_name"),
            ({"full_name": "a\x00"}, "full_name"),
            ({"full_name": "Anna\r\nBcc: boris@example.com"}, "full_name"),
            ({"company": "\x1b[31mFrezer"}, "company"),
            ({"company": "Frezer\u202eezerF"}, "company"),
            ({"office": "7\u20288"}, "office"),
            ({"city": "Tu\tla"}, "city"),
            ({"username": "a@b"}, "username"),
            ({"username": "ab"}, "username"),
            ({"phone": "call me"}, "phone"),
            ({"city": "x" * 101}, "city"),
            ({"user_type": "robot"}, "user_type"),
            ({"is_admin": True}, "is_admin"),
            ({"status": "active"}, "status"),
        ],
        ids=lambda value: str(value)[:40],
    )
    async def test_names_the_field_it_cannot_use(
        self, client: Client, db: Database, changes: dict[str, Any], field: str
    ) -> None:
        response = await client.post(REGISTER, json=registration(**changes))

        assert (response.status_code, response.json()["code"]) == (422, "validation-failed")
        assert fields(response) == {field}
        assert await count(db, User) == 0

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b'{"email": "a@example.com", "password": "\\ud800bcdefgh", "full_name": "A"}', 422),
            (b'{"email": "a@example.com", "password": "abcdefgh", "full_name": "\\udfff"}', 422),
            (b'{"\\ud800": 1}', 422),
            (b'{"email": ' + b"[" * 100_000, 400),
            (b'{"full_name": NaN}', 422),
            (b"\xff\xfe", 400),
            (b"", 422),
        ],
        ids=["surrogate", "other surrogate", "surrogate key", "deep", "nan", "not utf-8", "empty"],
    )
    async def test_survives_rubbish(self, client: Client, content: bytes, status: int) -> None:
        response = await client.post(REGISTER, content=content, headers={"Content-Type": "application/json"})

        assert response.status_code == status
        assert response.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"password": "1234567"}, "String should have at least 8 characters"),
            ({"password": "x" * 257}, "String should have at most 256 characters"),
            ({"full_name": "  "}, "String should have at least 1 character"),
            ({"company": "x" * 201}, "String should have at most 200 characters"),
        ],
        ids=["short", "long", "blank", "long company"],
    )
    async def test_speaks_of_characters(self, client: Client, changes: dict[str, str], message: str) -> None:
        response = await client.post(REGISTER, json=registration(**changes))

        assert [error["message"] for error in response.json()["errors"]] == [message]

    async def test_takes_an_address_that_grows_in_lower_case(self, client: Client) -> None:
        address = "\u0130" * 60 + "@example.com"

        response = await client.post(REGISTER, json=registration(email=address))

        assert response.status_code == 201

    async def test_tells_a_legal_entity_everything_at_once(self, client: Client, db: Database) -> None:
        body = registration(user_type="legal", payment_inn="12", payment_bik="044525225")

        response = await client.post(REGISTER, json=body)

        assert response.status_code == 422
        assert fields(response) == {
            "company",
            "payment_company_name",
            "payment_inn",
            "payment_ogrn",
            "payment_bank_name",
            "payment_account",
            "payment_cor_account",
        }
        assert await count(db, User) == 0

    async def test_takes_a_legal_entity_that_is_complete(self, client: Client) -> None:
        response = await client.post(REGISTER, json=registration(**LEGAL, **BANK))

        assert response.status_code == 201
        assert LEGAL.items() <= response.json().items()
        assert BANK.items() <= response.json().items()


class TestReadProfile:
    async def test_refuses_a_stranger(self, client: Client) -> None:
        assert (await client.get(PROFILE)).status_code == 401

    async def test_is_ones_own(self, client: Client, db: Database, as_user: MakeAccount) -> None:
        anna, boris = await as_user(), await as_user()
        await make_profile(db, user=anna.user, city="Tula")
        await make_profile(db, user=boris.user, city="Omsk")

        response = await client.get(PROFILE, headers=anna.headers)

        assert response.status_code == 200
        assert (response.json()["id"], response.json()["city"]) == (str(anna.id), "Tula")

    async def test_of_an_account_that_never_told_anything_is_blank(
        self, client: Client, db: Database, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        profile = (await client.get(PROFILE, headers=admin.headers)).json()

        assert (profile["full_name"], profile["is_admin"], profile["phone"]) == (admin.user.email, True, None)
        assert await count(db, Profile) == 0


async def test_a_wrong_method_is_told_all_the_right_ones(client: Client) -> None:
    response = await client.delete(PROFILE)

    assert (response.status_code, response.headers["allow"]) == (405, "GET, PATCH")


class TestChangeProfile:
    async def test_refuses_a_stranger(self, client: Client) -> None:
        assert (await client.patch(PROFILE, json={"city": "Tula"})).status_code == 401

    async def test_leaving_out_clearing_and_changing_are_different(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        await make_profile(db, user=account.user, city="Tula", street="Lenina", phone="+79123456789")

        response = await client.patch(
            PROFILE, json={"city": None, "street": "Mira", "office": " "}, headers=account.headers
        )

        assert response.status_code == 200
        profile = (await client.get(PROFILE, headers=account.headers)).json()
        assert profile == response.json()
        assert (profile["city"], profile["street"], profile["phone"], profile["office"]) == (
            None,
            "Mira",
            "+79123456789",
            None,
        )

    async def test_changing_nothing_changes_nothing(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        await make_profile(db, user=account.user, city="Tula")
        before = (await client.get(PROFILE, headers=account.headers)).json()

        assert (await client.patch(PROFILE, json={}, headers=account.headers)).json() == before

    @pytest.mark.parametrize(
        "changes",
        [
            {"full_name": None},
            {"full_name": ""},
            {"user_type": None},
            {"email": "other@example.com"},
            {"password": "another password"},
            {"is_admin": True},
            {"id": "00000000-0000-7000-8000-000000000001"},
            {"created_at": "2026-01-01T00:00:00Z"},
        ],
        ids=str,
    )
    async def test_some_things_cannot_be_changed_here(
        self, client: Client, db: Database, as_user: MakeAccount, changes: dict[str, Any]
    ) -> None:
        account = await as_user()
        await make_profile(db, user=account.user)
        before = (await client.get(PROFILE, headers=account.headers)).json()

        response = await client.patch(PROFILE, json=changes, headers=account.headers)

        assert response.status_code == 422
        assert fields(response) == set(changes)
        assert (await client.get(PROFILE, headers=account.headers)).json() == before

    async def test_a_user_name_can_be_taken_given_up_and_is_not_shared(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user(username="anna")
        await make_user(db, username="boris")

        taken = await client.patch(
            PROFILE, json={"username": "BORIS", "city": "Omsk"}, headers=account.headers
        )
        changed = await client.patch(PROFILE, json={"username": "anna2"}, headers=account.headers)
        cleared = await client.patch(PROFILE, json={"username": None}, headers=account.headers)

        assert (taken.status_code, taken.json()["code"]) == (409, "username-taken")
        assert (changed.json()["username"], changed.json()["city"]) == ("anna2", None)
        assert cleared.json()["username"] is None

    async def test_becoming_a_legal_entity_needs_its_details(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        await make_profile(db, user=account.user, company="Frezer")

        refused = await client.patch(PROFILE, json={"user_type": "legal"}, headers=account.headers)
        accepted = await client.patch(PROFILE, json=LEGAL, headers=account.headers)
        weakened = await client.patch(PROFILE, json={"payment_inn": None}, headers=account.headers)

        assert refused.status_code == 422
        assert fields(refused) == {"payment_company_name", "payment_inn", "payment_ogrn"}
        assert accepted.status_code == 200
        assert (weakened.status_code, fields(weakened)) == (422, {"payment_inn"})
        assert (await client.get(PROFILE, headers=account.headers)).json()["payment_inn"] == LEGAL[
            "payment_inn"
        ]

    async def test_a_legal_entity_is_checked_whatever_the_body_contains(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        await make_profile(db, user=account.user, user_type=UserType.legal, company="Frezer")

        response = await client.patch(PROFILE, json={"city": "Tula"}, headers=account.headers)

        assert response.status_code == 422
        assert fields(response) == {"payment_company_name", "payment_inn", "payment_ogrn"}

    async def test_becoming_a_person_keeps_the_details_and_frees_from_them(
        self, client: Client, db: Database, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        await make_profile(db, user=account.user, **LEGAL)

        switched = await client.patch(PROFILE, json={"user_type": "individual"}, headers=account.headers)
        cleared = await client.patch(PROFILE, json={"payment_inn": None}, headers=account.headers)

        assert (switched.status_code, switched.json()["payment_inn"]) == (200, LEGAL["payment_inn"])
        assert (cleared.status_code, cleared.json()["payment_inn"]) == (200, None)

    @pytest.mark.parametrize("phone", ["12345", "+7 912", "call me"])
    async def test_a_number_nobody_can_call_is_refused(
        self, client: Client, db: Database, as_user: MakeAccount, phone: str
    ) -> None:
        account = await as_user()

        response = await client.patch(PROFILE, json={"phone": phone}, headers=account.headers)

        assert (response.status_code, fields(response)) == (422, {"phone"})

    async def test_an_account_without_a_profile_gets_one(
        self, client: Client, db: Database, as_admin: MakeAccount
    ) -> None:
        admin = await as_admin()

        response = await client.patch(PROFILE, json={"city": "Tula"}, headers=admin.headers)

        assert (response.status_code, response.json()["city"]) == (200, "Tula")
        assert await count(db, Profile) == 1


async def test_the_schema_says_that_blank_may_be_sent(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    phone = document["components"]["schemas"]["ProfileCreate"]["properties"]["phone"]

    assert any(re.fullmatch(choice.get("pattern", "x"), " ") for choice in phone["anyOf"])
    assert {"type": "null"} in phone["anyOf"]


class TestUserNames:
    async def test_cannot_be_tried_out_without_end(
        self, settings: Settings, live: Database, calculator: StandInCalculator
    ) -> None:
        limited = settings.model_copy(update={"limits": LimitsSection(registration="3 per hour")})
        await make_user(live, username="taken")
        async with (
            resources_over(limited, live, calculator) as resources,
            client_of(create_app(limited), resources) as client,
        ):
            headers = (await account_of(resources, await make_user(live))).headers

            answers = [
                await client.patch(PROFILE, json={"username": name}, headers=headers)
                for name in ("taken", "Taken", "anna", "anna", "boris", None)
            ]
            other = await client.patch(PROFILE, json={"city": "Tula"}, headers=headers)

        assert [answer.status_code for answer in answers] == [409, 409, 200, 200, 429, 200]
        assert other.status_code == 200
