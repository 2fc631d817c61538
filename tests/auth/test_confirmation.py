import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from app.auth.models import User, UserStatus
from app.core.clock import now
from app.users.models import Profile
from tests.auth.calls import (
    CONFIRM,
    LOGIN,
    PROFILE,
    REFRESH,
    REGISTER,
    RESET,
    SEND_CONFIRMATION,
    House,
    change_user,
    cookie,
)
from tests.auth.conftest import OpenHouse
from tests.factories.auth import PASSWORD, make_user
from tests.factories.users import registration
from tests.support.auth import account_of

GATE: dict[str, dict[str, Any]] = {"auth": {"confirm_email": True}}


async def users_of(house: House) -> list[User]:
    async with house.db.reading() as session:
        return list(await session.scalars(select(User)))


class TestRegisterBehindTheGate:
    async def test_a_new_account_opens_with_the_link_of_the_letter(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        body = registration(email="Anna@example.com", city="Tula")

        registered = await house.client.post(REGISTER, json=body)
        before = await house.login(body["email"], PASSWORD)
        confirmed = await house.client.post(CONFIRM, json={"token": await house.token()})
        after = await house.login(body["email"], PASSWORD)

        assert registered.status_code == 202
        assert set(registered.json()) == {"message"}
        assert (before.status_code, before.json()["code"]) == (403, "email-not-confirmed")
        assert "set-cookie" not in before.headers
        assert (confirmed.status_code, after.status_code) == (204, 200)
        headers = {"Authorization": f"Bearer {after.json()['access_token']}"}
        assert (await house.client.get(PROFILE, headers=headers)).json()["city"] == "Tula"

    async def test_an_address_that_has_an_account_gets_the_same_answer_and_another_letter(
        self, open_house: OpenHouse
    ) -> None:
        house = await open_house(**GATE)
        await make_user(house.db, email="anna@example.com", email_confirmed_at=now())

        new = await house.client.post(REGISTER, json=registration(email="boris@example.com"))
        known = await house.client.post(REGISTER, json=registration(email="ANNA@example.com"))

        assert (known.status_code, known.text) == (new.status_code, new.text) == (202, new.text)
        await house.work_off()
        subjects = {letter.recipient: letter.message["Subject"] for letter in house.post.received}
        assert subjects == {
            "boris@example.com": "Confirm your e-mail address",
            "anna@example.com": "You have an account already",
        }
        assert len(await users_of(house)) == 2

    async def test_whoever_signed_up_with_a_foreign_address_is_shut_out_by_its_owner(
        self, open_house: OpenHouse
    ) -> None:
        house = await open_house(**GATE)
        await house.client.post(REGISTER, json=registration(email="anna@example.com"))
        await house.client.post(
            REGISTER, json=registration(email="anna@example.com", password="the owner chose this")
        )

        token = await house.token()
        reset = await house.client.post(RESET, json={"token": token, "password": "and now this one"})

        assert reset.status_code == 204
        assert (await house.login("anna@example.com", PASSWORD)).status_code == 401
        assert (await house.login("anna@example.com", "and now this one")).status_code == 200

    async def test_only_the_letter_tells_that_a_user_name_is_taken(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        await make_user(house.db, username="anna")

        free = await house.client.post(REGISTER, json=registration(username="boris", email="a@example.com"))
        taken = await house.client.post(REGISTER, json=registration(username="Anna", email="b@example.com"))

        assert (taken.status_code, taken.content) == (free.status_code, free.content)
        names = {user.email: user.username for user in await users_of(house)}
        assert (names["a@example.com"], names["b@example.com"]) == ("boris", None)
        plain, telling = await house.letters()
        assert "belongs to somebody else" in telling
        assert "belongs to somebody else" not in plain
        assert "anna" not in telling.lower(), "no letter repeats what a stranger wrote"
        assert (await house.client.post(CONFIRM, json={"token": await house.token()})).status_code == 204
        assert (await house.login("b@example.com", PASSWORD)).status_code == 200

    async def test_of_many_at_once_one_makes_the_account(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        body = registration(username="anna")

        answers = await asyncio.gather(*(house.client.post(REGISTER, json=body) for _ in range(5)))

        assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
        assert len(await users_of(house)) == 1
        async with house.db.reading() as session:
            assert len(list(await session.scalars(select(Profile)))) == 1

    async def test_an_address_is_not_flooded_with_letters(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE, limits={"enabled": True})
        body = registration()

        answers = [await house.client.post(REGISTER, json=body) for _ in range(4)]

        assert {answer.status_code for answer in answers} == {202}
        assert {answer.headers["RateLimit"].partition(";")[0] for answer in answers} == {'"registration"'}
        assert len(await house.letters()) == 1

    @pytest.mark.parametrize(
        "changes", [{"password": "password"}, {"email": "x"}, {"full_name": " "}], ids=str
    )
    async def test_a_body_it_cannot_use_is_told_as_ever(
        self, open_house: OpenHouse, changes: dict[str, str]
    ) -> None:
        house = await open_house(**GATE)

        answer = await house.client.post(REGISTER, json=registration(**changes))

        assert answer.status_code == 422


class TestTheGate:
    async def test_stops_customers_everywhere_and_administrators_nowhere(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        customer = await account_of(house.resources, await make_user(house.db))
        admin = await account_of(house.resources, await make_user(house.db, is_admin=True))

        stopped = [
            await house.client.get(PROFILE, headers=customer.headers),
            await house.client.get("/api/v1/files", headers=customer.headers),
            await house.client.post(REFRESH, headers=cookie(customer.tokens.refresh_token)),
        ]
        let_in = [
            await house.client.get(PROFILE, headers=admin.headers),
            await house.client.post(REFRESH, headers=cookie(admin.tokens.refresh_token)),
            await house.login(admin.user.email, PASSWORD),
        ]

        assert {(answer.status_code, answer.json()["code"]) for answer in stopped} == {
            (403, "email-not-confirmed")
        }
        assert {answer.status_code for answer in let_in} == {200}

    async def test_tells_nothing_to_somebody_without_the_password(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        user = await make_user(house.db)

        unconfirmed = await house.login(user.email, "wrong password")
        unknown = await house.login("nobody@example.com", "wrong password")

        assert unconfirmed.status_code == unknown.status_code == 401
        assert unconfirmed.json()["detail"] == unknown.json()["detail"]

    async def test_is_open_where_it_is_switched_off(self, open_house: OpenHouse) -> None:
        house = await open_house()
        account = await account_of(house.resources, await make_user(house.db))

        assert (await house.client.get(PROFILE, headers=account.headers)).status_code == 200


class TestSendConfirmation:
    async def test_writes_only_to_those_who_have_yet_to_confirm(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        await make_user(house.db, email="new@example.com")
        await make_user(house.db, email="done@example.com", email_confirmed_at=now())
        await make_user(house.db, email="blocked@example.com", status=UserStatus.blocked)

        answers = [
            await house.client.post(SEND_CONFIRMATION, json={"email": f"{name}@example.com"})
            for name in ("new", "done", "blocked", "nobody")
        ]

        assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
        await house.work_off()
        assert [letter.recipient for letter in house.post.received] == ["new@example.com"]

    @pytest.mark.parametrize("language", ["en", "ru"])
    async def test_the_letter_says_until_when_the_link_works(
        self, open_house: OpenHouse, language: str
    ) -> None:
        house = await open_house(mail={"confirm_link": "https://shop.example/c/{token}"})
        await make_user(house.db, email="anna@example.com")

        await house.client.post(
            SEND_CONFIRMATION, json={"email": "anna@example.com"}, headers={"Accept-Language": language}
        )

        (letter,) = await house.letters()
        assert "https://shop.example/c/" in letter
        assert " UTC" in letter


class TestConfirm:
    async def test_works_once_also_when_asked_many_times_at_once(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        user = await make_user(house.db)
        await house.client.post(SEND_CONFIRMATION, json={"email": user.email})
        token = await house.token()

        answers = await asyncio.gather(*(house.client.post(CONFIRM, json={"token": token}) for _ in range(5)))

        assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422, 422]

    @pytest.mark.parametrize("token", ["x", "x" * 128, "ж", "0" * 43])
    async def test_refuses_a_token_nobody_was_sent(self, open_house: OpenHouse, token: str) -> None:
        house = await open_house()

        answer = await house.client.post(CONFIRM, json={"token": token})

        assert (answer.status_code, answer.json()["code"]) == (422, "link-not-valid")

    async def test_says_nothing_of_an_address_that_has_changed_since(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        user = await make_user(house.db)
        await house.client.post(SEND_CONFIRMATION, json={"email": user.email})
        token = await house.token()
        await change_user(house.db, user.id, email="other@example.com", email_key="other@example.com")

        answer = await house.client.post(CONFIRM, json={"token": token})

        assert answer.status_code == 422
        (stored,) = await users_of(house)
        assert stored.email_confirmed_at is None

    async def test_a_confirmed_customer_signs_in_with_the_form_too(self, open_house: OpenHouse) -> None:
        house = await open_house(**GATE)
        user = await make_user(house.db, email_confirmed_at=now())

        answer = await house.client.post(LOGIN, data={"username": user.email, "password": PASSWORD})

        assert answer.status_code == 200
