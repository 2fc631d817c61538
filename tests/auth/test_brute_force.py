import asyncio
from collections.abc import Callable

import httpx
import pytest

from app.main import create_app
from tests.auth.calls import CHANGE, LOGIN, RESET, SEND_RECOVERY, House
from tests.auth.conftest import OpenHouse
from tests.factories.auth import PASSWORD, make_user
from tests.support.app import BASE_URL, WithState
from tests.support.auth import account_of

LIMITS = {"limits": {"enabled": True, "login": "1000 per minute"}}
GUESS = "surely not this one"


def elsewhere(house: House, address: str) -> httpx.AsyncClient:
    """A client of the same installation from another address."""
    return client_at(WithState(create_app(house.settings), resources=house.resources), address)


def client_at(app: WithState, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL)


class TestGuessing:
    @pytest.mark.parametrize("name", ["anna@example.com", "nobody@example.com"])
    async def test_five_wrong_passwords_make_the_next_ones_wait_longer_and_longer(
        self, open_house: OpenHouse, clock: Callable[[float], None], name: str
    ) -> None:
        house = await open_house(**LIMITS)
        await make_user(house.db, email="anna@example.com")

        first = [(await house.login(name, GUESS)).status_code for _ in range(5)]
        waits = []
        for _ in range(4):
            refused = await house.login(name, GUESS)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
            waits.append(int(refused.headers["Retry-After"]))
            clock(waits[-1])
            assert (await house.login(name, GUESS)).status_code == 401

        assert first == [401] * 5
        assert waits == [10, 20, 40, 80]

    async def test_the_right_password_has_to_wait_as_well(
        self, open_house: OpenHouse, clock: Callable[[float], None]
    ) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)
        for _ in range(5):
            await house.login(user.email, GUESS)

        early = await house.login(user.email, PASSWORD)
        clock(10)
        late = await house.login(user.email, PASSWORD)

        assert (early.status_code, late.status_code) == (429, 200)

    async def test_the_owner_gets_in_from_another_address(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)
        for _ in range(8):
            await house.login(user.email, GUESS)

        async with elsewhere(house, "198.51.100.7") as owner:
            answer = await owner.post(LOGIN, json={"email": user.email, "password": PASSWORD})

        assert answer.status_code == 200
        assert (await house.login(user.email, PASSWORD)).status_code == 429

    async def test_nobody_learns_that_two_names_are_of_one_account(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        await make_user(house.db, email="anna@example.com", username="anna")
        for name in ("anna@example.com", "ANNA@example.com", " anna@example.com ", "Anna@EXAMPLE.com") * 2:
            await house.client.post(LOGIN, json={"username": name, "password": GUESS})

        answers = [
            await house.client.post(LOGIN, json={"username": name, "password": GUESS})
            for name in ("anna@example.com", "anna", "nobody")
        ]

        assert [answer.status_code for answer in answers] == [429, 401, 401]

    async def test_another_account_at_the_same_address_is_not_concerned(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        victim, neighbour = await make_user(house.db), await make_user(house.db)
        for _ in range(6):
            await house.login(victim.email, GUESS)

        assert (await house.login(neighbour.email, PASSWORD)).status_code == 200

    async def test_signing_in_forgets_what_was_wrong_before(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)

        for _ in range(3):
            answers = [await house.login(user.email, GUESS) for _ in range(4)]
            assert {answer.status_code for answer in answers} == {401}
            assert (await house.login(user.email, PASSWORD)).status_code == 200

    async def test_many_guesses_at_once_gain_nothing(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)

        answers = await asyncio.gather(*(house.login(user.email, GUESS) for _ in range(20)))

        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [401] * 5 + [429] * 15

    async def test_the_owner_may_sign_in_many_times_at_once(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)

        answers = await asyncio.gather(*(house.login(user.email, PASSWORD) for _ in range(12)))

        assert {answer.status_code for answer in answers} == {200}

    async def test_another_process_knows_of_it(self, open_house: OpenHouse) -> None:
        house, other = await open_house(**LIMITS), await open_house(**LIMITS)
        user = await make_user(house.db)
        for _ in range(5):
            await house.login(user.email, GUESS)

        assert (await other.login(user.email, GUESS)).status_code == 429

    async def test_one_address_does_not_try_everybody(self, open_house: OpenHouse) -> None:
        house = await open_house(limits={"enabled": True, "login": "10 per minute"})

        answers = [await house.login(f"{number}@example.com", GUESS) for number in range(11)]

        assert [answer.status_code for answer in answers] == [401] * 10 + [429]


class TestGuessingFromEverywhere:
    """Many machines together, each from a network of its own."""

    @staticmethod
    async def guessed(house: House, name: str, networks: range) -> list[httpx.Response]:
        app, answers = WithState(create_app(house.settings), resources=house.resources), []
        for network in networks:
            async with client_at(app, f"198.51.{network}.7") as attacker:
                answers.append(await attacker.post(LOGIN, json={"email": name, "password": GUESS}))
        return answers

    @pytest.mark.parametrize("name", ["anna@example.com", "nobody@example.com"])
    async def test_gets_no_further_than_from_one_place(
        self, open_house: OpenHouse, clock: Callable[[float], None], name: str
    ) -> None:
        house = await open_house(**LIMITS)
        await make_user(house.db, email="anna@example.com")

        first = await self.guessed(house, name, range(53))
        clock(600)
        later = await self.guessed(house, name, range(100, 102))

        assert [answer.status_code for answer in first] == [401] * 50 + [429] * 3
        assert first[-1].json()["code"] == "rate-limited"
        assert first[-1].headers["Retry-After"] == "600"
        assert [answer.status_code for answer in later] == [401] * 2
        assert {answer.headers["RateLimit"].partition(";")[0] for answer in first[:50]} == {'"login"'}

    async def test_does_not_keep_the_owner_out_of_where_he_has_been(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)
        assert (await house.login(user.email, PASSWORD)).status_code == 200

        attack = await self.guessed(house, user.email, range(51))

        assert attack[-1].status_code == 429
        assert (await house.login(user.email, PASSWORD)).status_code == 200

    async def test_lets_him_in_from_anywhere_with_a_letter(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        user = await make_user(house.db)
        await self.guessed(house, user.email, range(51))
        shut_out = await house.login(user.email, PASSWORD)

        await house.client.post(SEND_RECOVERY, json={"email": user.email})
        new = {"token": await house.token(), "password": "a password never used"}
        assert (await house.client.post(RESET, json=new)).status_code == 204

        assert (shut_out.status_code, (await house.login(user.email, new["password"])).status_code) == (
            429,
            200,
        )


class TestGuessingTheOldPassword:
    async def test_waits_like_signing_in(self, open_house: OpenHouse) -> None:
        house = await open_house(**LIMITS)
        account = await account_of(house.resources, await make_user(house.db))

        answers = [
            await house.client.post(
                CHANGE, json={"old": GUESS, "new": "a password never used"}, headers=account.headers
            )
            for _ in range(6)
        ]

        assert [answer.status_code for answer in answers] == [403] * 5 + [429]
