import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.auth.dependencies import letter_desk
from app.auth.events import LetterAsked, LetterKind
from app.auth.models import UserStatus
from app.core.mail import Mailer
from app.core.security import PasswordHasher, TokenService
from tests.auth.calls import CHANGE, PROFILE, RESET, SEND_RECOVERY, change_user, holds, new_key
from tests.auth.conftest import OpenHouse
from tests.factories.auth import PASSWORD, make_user
from tests.support.audit import all_acts
from tests.support.auth import account_of

NEW = "a password never used before"


class TestSendRecovery:
    async def test_answers_everybody_alike_and_writes_to_those_who_have_an_account(
        self, open_house: OpenHouse
    ) -> None:
        house = await open_house()
        await make_user(house.db, email="anna@example.com")
        await make_user(house.db, email="blocked@example.com", status=UserStatus.blocked)
        await make_user(house.db, email="gone@example.com", status=UserStatus.deleted)

        answers = [
            await house.client.post(SEND_RECOVERY, json={"email": email})
            for email in ("Anna@example.com", "blocked@example.com", "gone@example.com", "none@example.com")
        ]

        assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
        assert len(await house.letters()) == 1
        (received,) = house.post.received
        assert received.recipient == "anna@example.com"

    @pytest.mark.parametrize(
        ("language", "subject"), [("en", "Set a new password"), ("ru,en;q=0.5", "Новый пароль")]
    )
    async def test_writes_in_the_language_asked_for(
        self, open_house: OpenHouse, language: str, subject: str
    ) -> None:
        house = await open_house()
        user = await make_user(house.db)

        await house.client.post(
            SEND_RECOVERY, json={"email": user.email}, headers={"Accept-Language": language}
        )

        await house.work_off()
        assert house.post.received[0].message["Subject"] == subject

    @pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com"])
    async def test_not_too_soon_and_not_too_often(
        self, open_house: OpenHouse, clock: Callable[[float], None], email: str
    ) -> None:
        house = await open_house(limits={"enabled": True})
        await make_user(house.db, email="anna@example.com")

        first = await house.client.post(SEND_RECOVERY, json={"email": email})
        again = await house.client.post(SEND_RECOVERY, json={"email": email.upper()})
        later = []
        for _ in range(3):
            clock(300)
            later.append(await house.client.post(SEND_RECOVERY, json={"email": email}))

        assert first.status_code == 202
        assert (again.status_code, again.json()["code"]) == (429, "rate-limited")
        assert again.headers["Retry-After"] == "300"
        assert [answer.status_code for answer in later] == [202, 202, 429]
        assert int(later[-1].headers["Retry-After"]) == 3600 - 3 * 300

    async def test_one_address_of_the_network_does_not_write_to_everybody(
        self, open_house: OpenHouse
    ) -> None:
        house = await open_house(limits={"enabled": True, "mail": "2 per hour"})

        answers = [
            await house.client.post(SEND_RECOVERY, json={"email": f"{name}@example.com"}) for name in "abc"
        ]

        assert [answer.status_code for answer in answers] == [202, 202, 429]

    async def test_an_installation_without_a_mail_server_says_so(self, open_house: OpenHouse) -> None:
        house = await open_house()
        house.resources.add(Mailer(), kind=Mailer)

        answer = await house.client.post(SEND_RECOVERY, json={"email": "anna@example.com"})

        assert (answer.status_code, answer.json()["code"]) == (503, "mail-not-configured")


class TestReset:
    async def test_sets_the_password_ends_every_session_and_confirms_the_address(
        self, open_house: OpenHouse
    ) -> None:
        house = await open_house()
        user = await make_user(house.db, must_change_password=True)
        account = await account_of(house.resources, user)
        await house.client.post(SEND_RECOVERY, json={"email": user.email})

        answer = await house.client.post(RESET, json={"token": await house.token(), "password": NEW})

        assert answer.status_code == 204
        assert (await house.client.get(PROFILE, headers=account.headers)).status_code == 401
        assert (await house.login(user.email, PASSWORD)).status_code == 401
        login = await house.login(user.email, NEW)
        assert (login.status_code, login.json()["must_change_password"]) == (200, False)

    @pytest.mark.parametrize(("wish", "is_kept"), [({}, False), ({"revoke_keys": False}, True)], ids=str)
    async def test_ends_the_keys_of_the_account_unless_their_owner_says_otherwise(
        self, open_house: OpenHouse, wish: dict[str, bool], *, is_kept: bool
    ) -> None:
        house = await open_house()
        account = await account_of(house.resources, await make_user(house.db))
        key = (await new_key(house.client, account.headers)).json()
        await house.client.post(SEND_RECOVERY, json={"email": account.user.email})

        body = {"token": await house.token(), "password": NEW, **wish}
        answer = await house.client.post(RESET, json=body)

        assert answer.status_code == 204
        assert await holds(house.client, key["key"]) is is_kept
        acts = [(act.action, act.actor_id, act.object_id) for act in await all_acts(house.db)]
        assert acts[1:] == ([] if is_kept else [("api_key.revoked", account.id, key["id"])])

    async def test_leaves_no_key_to_somebody_who_makes_them_meanwhile(self, open_house: OpenHouse) -> None:
        house = await open_house()
        account = await account_of(house.resources, await make_user(house.db))
        await house.client.post(SEND_RECOVERY, json={"email": account.user.email})
        body = {"token": await house.token(), "password": NEW}

        reset, *tries = await asyncio.gather(
            house.client.post(RESET, json=body),
            *(new_key(house.client, account.headers) for _ in range(10)),
        )

        assert reset.status_code == 204
        assert {answer.status_code for answer in tries} <= {201, 401}
        keys = [answer.json()["key"] for answer in tries if answer.is_success]
        assert [await holds(house.client, key) for key in keys] == [False] * len(keys)

    async def test_works_once_also_when_asked_many_times_at_once(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        token = await house.token()

        answers = await asyncio.gather(
            *(
                house.client.post(RESET, json={"token": token, "password": f"{NEW} {number}"})
                for number in range(5)
            )
        )

        assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422, 422]
        assert {answer.json()["code"] for answer in answers if answer.content} == {"link-not-valid"}
        (winner,) = [number for number, answer in enumerate(answers) if answer.status_code == 204]
        assert (await house.login(user.email, f"{NEW} {winner}")).status_code == 200

    async def test_a_later_letter_takes_the_place_of_an_earlier_one(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        tokens = []
        for _ in range(2):
            await house.client.post(SEND_RECOVERY, json={"email": user.email})
            tokens.append(await house.token())

        first, second = [
            await house.client.post(RESET, json={"token": token, "password": NEW}) for token in tokens
        ]

        assert (first.status_code, second.status_code) == (422, 204)

    async def test_is_too_late_after_an_hour(
        self, open_house: OpenHouse, clock: Callable[[float], None]
    ) -> None:
        house = await open_house()
        user = await make_user(house.db)
        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        token = await house.token()

        clock(3600)
        answer = await house.client.post(RESET, json={"token": token, "password": NEW})

        assert answer.status_code == 422

    @pytest.mark.parametrize(
        "values",
        [{"status": UserStatus.blocked}, {"status": UserStatus.deleted}, {"email_key": "new@example.com"}],
        ids=str,
    )
    async def test_is_worth_nothing_once_the_account_has_changed(
        self, open_house: OpenHouse, values: dict[str, object]
    ) -> None:
        house = await open_house()
        user = await make_user(house.db)
        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        token = await house.token()
        await change_user(house.db, user.id, **values)

        answer = await house.client.post(RESET, json={"token": token, "password": NEW})

        assert (answer.status_code, answer.json()["code"]) == (422, "link-not-valid")

    async def test_is_worth_nothing_once_the_password_was_changed(self, open_house: OpenHouse) -> None:
        house = await open_house()
        account = await account_of(house.resources, await make_user(house.db))
        await house.client.post(SEND_RECOVERY, json={"email": account.user.email})
        token = await house.token()

        changed = await house.client.post(CHANGE, json={"old": PASSWORD, "new": NEW}, headers=account.headers)
        answer = await house.client.post(RESET, json={"token": token, "password": f"{NEW} 2"})

        assert (changed.status_code, answer.status_code) == (200, 422)
        assert (await house.login(account.user.email, NEW)).status_code == 200

    @pytest.mark.parametrize("password", ["Password123", "short12"])
    async def test_a_refused_password_leaves_the_link_good(
        self, open_house: OpenHouse, password: str
    ) -> None:
        house = await open_house()
        user = await make_user(house.db)
        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        token = await house.token()

        refused = await house.client.post(RESET, json={"token": token, "password": password})
        accepted = await house.client.post(RESET, json={"token": token, "password": NEW})

        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "password")
        assert accepted.status_code == 204

    async def test_the_link_leads_to_a_page_of_ours_or_to_that_of_the_frontend(
        self, open_house: OpenHouse
    ) -> None:
        for section, page in (
            ({}, "http://127.0.0.1:8000/reset-password"),
            ({"reset_link": "https://shop.example/new#token={token}&from=mail"}, "https://shop.example/new"),
        ):
            house = await open_house(mail=section)
            user = await make_user(house.db)
            await house.client.post(SEND_RECOVERY, json={"email": user.email})

            assert f"\n{page}#token={await house.token()}" in (await house.letters())[-1]

    async def test_the_database_does_not_know_the_token(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        token = await house.token()

        async with house.db.engine.connect() as connection:
            rows = [
                str(row)
                for table in ("email_links", "outbox")
                for row in await connection.exec_driver_sql(f"SELECT * FROM {table}")
            ]

        assert len(rows) >= 3
        assert not any(token in row for row in rows)

    async def test_the_token_of_a_confirmation_does_not_reset(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        await house.client.post("/api/v1/email/send-confirmation", json={"email": user.email})

        answer = await house.client.post(RESET, json={"token": await house.token(), "password": NEW})

        assert answer.status_code == 422
        hasher = house.resources.get(PasswordHasher)
        assert await hasher.verify(PASSWORD, user.password_hash)


class TestDelivery:
    async def test_no_letter_carries_a_link_that_does_not_work(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        asked = LetterAsked(user.email_key, LetterKind.recover, "en")
        async with house.db.transaction() as session:
            await letter_desk(house.resources, session).issue(asked)

        house.resources.add(TokenService("another secret of the same length, or more", timedelta(minutes=15)))

        assert await house.letters() == []

    async def test_a_letter_waits_for_the_mail_server_and_is_sent_once(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        house.post.replies["RCPT"] = "451 later"
        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        await house.work_off()
        del house.post.replies["RCPT"]

        async with house.db.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(
                "UPDATE outbox SET run_at = '2000-01-01' WHERE status = 'queued'"
            )
        letters = await house.letters()
        await house.work_off()

        assert len(letters) == 1
        assert len(house.post.received) == 1
        assert house.post.connections == 2

    async def test_nobody_there_for_good_is_not_tried_again(self, open_house: OpenHouse) -> None:
        house = await open_house()
        user = await make_user(house.db)
        house.post.replies["RCPT"] = "550 nobody"
        await house.client.post(SEND_RECOVERY, json={"email": user.email})

        await house.work_off()

        async with house.db.engine.connect() as connection:
            rows = await connection.exec_driver_sql("SELECT handler, status FROM outbox ORDER BY seq")
            assert [tuple(row) for row in rows] == [
                ("auth.issue_link", "done"),
                ("auth.send_letter", "dead"),
            ]
