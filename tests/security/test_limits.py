"""What may be asked without a login may not be asked without end."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.core.config import LimitsSection, Settings
from app.core.db import Database
from app.main import create_app
from tests.factories.auth import PASSWORD, make_user
from tests.security.operations import Operation, all_operations
from tests.security.test_access import BY_KEY, OPEN
from tests.security.world import World, make_world
from tests.support.app import client_of, resources_over
from tests.support.calculator import StandInCalculator

TOO_MANY = 429
OPERATIONS = all_operations()
LIMITED = [operation for operation in OPERATIONS if TOO_MANY in operation.statuses]
ONCE = dict.fromkeys(LimitsSection.model_fields.keys() - {"enabled"}, "1 per hour")

Client = httpx.AsyncClient


@pytest.fixture
async def strict(
    settings: Settings, db: Database, calculator: StandInCalculator
) -> AsyncIterator[tuple[Client, World]]:
    """An installation where everything may be asked once an hour, and its world."""
    relaxed = settings.model_copy(update={"limits": LimitsSection(enabled=False)})
    async with (
        resources_over(relaxed, db, calculator) as resources,
        client_of(create_app(relaxed), resources) as client,
    ):
        world = await make_world(client, db, resources)
    once = settings.model_copy(update={"limits": LimitsSection.model_validate(ONCE)})
    async with (
        resources_over(once, db, calculator) as resources,
        client_of(create_app(once), resources) as client,
    ):
        yield client, world


def test_every_open_route_has_a_limit() -> None:
    open_routes = {operation for operation in OPERATIONS if str(operation) in OPEN | BY_KEY}

    assert [str(operation) for operation in open_routes - set(LIMITED)] == []


@pytest.mark.parametrize("operation", LIMITED, ids=str)
async def test_a_stranger_is_told_to_come_back_later(
    strict: tuple[Client, World], operation: Operation
) -> None:
    client, world = strict
    who = "robot" if str(operation) in BY_KEY else "stranger"

    first, second = [await client.request(**world.request(operation, who, world.own)) for _ in range(2)]

    if first.status_code == 401 and str(operation) not in OPEN | BY_KEY and "RateLimit" not in first.headers:
        return  # strangers get nothing here; the limit is on what a password opens
    assert first.status_code != TOO_MANY
    assert first.headers["RateLimit-Policy"].endswith(";q=1;w=3600")
    assert (second.status_code, second.json()["code"]) == (TOO_MANY, "rate-limited"), second.text
    assert 0 < int(second.headers["Retry-After"]) <= 3600
    assert ";r=0;t=" in second.headers["RateLimit"]


async def test_what_somebody_signed_in_asks_is_not_counted(strict: tuple[Client, World]) -> None:
    client, world = strict
    price = next(operation for operation in OPERATIONS if operation.path.endswith("/calculate-price"))

    for who in ("anna", "robot"):
        answers = [await client.request(**world.request(price, who, world.own)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200], who


class TestProductionDefaults:
    @pytest.fixture
    async def shop(
        self, settings: Settings, db: Database, calculator: StandInCalculator
    ) -> AsyncIterator[Client]:
        defaults = settings.model_copy(update={"limits": LimitsSection()})
        async with (
            resources_over(defaults, db, calculator) as resources,
            client_of(create_app(defaults), resources) as client,
        ):
            yield client

    async def test_sixty_prices_a_minute(self, shop: Client) -> None:
        body = {"service_id": "welding", "dimensions": {"length_mm": 1, "width_mm": 1, "height_mm": 1}}

        statuses = [(await shop.post("/api/v1/calculate-price", json=body)).status_code for _ in range(62)]

        assert statuses == [409] * 60 + [429] * 2

    async def test_an_office_can_sign_in_together(self, shop: Client, db: Database) -> None:
        users = [await make_user(db) for _ in range(20)]

        answers = [
            await shop.post("/api/v1/login", json={"email": user.email, "password": PASSWORD})
            for user in users
        ]

        assert {answer.status_code for answer in answers} == {200}
