from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from app.core.config import LimitsSection, ServerSection, Settings
from app.core.db import Database
from app.core.errors import NotFound
from app.core.handlers import install_handlers
from app.core.limited import PerAddress, RateLimitHeaders, network_of
from app.core.rate_limits import RateLimiter
from app.core.resources import Resources
from tests.support.app import WithState


def client_behind(db: Database, settings: Settings, proxies: int = 0) -> httpx.AsyncClient:
    limits = LimitsSection(registration="2 per hour")
    server = ServerSection(trusted_proxies=proxies)
    resources = Resources(
        settings.model_copy(update={"limits": limits, "server": server}), RateLimiter(db), db
    )
    app = FastAPI()
    install_handlers(app)
    app.add_middleware(RateLimitHeaders)

    @app.get("/limited", dependencies=[Depends(PerAddress("registration"))])
    async def limited() -> None:
        raise NotFound

    @app.get("/free")
    async def free() -> None:
        return None

    transport = httpx.ASGITransport(app=WithState(app, resources=resources), client=("198.51.100.9", 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://millwright.test")


class TestPerAddress:
    async def test_counts_also_what_fails(self, db: Database, settings: Settings) -> None:
        async with client_behind(db, settings) as client:
            answers = [await client.get("/limited") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert [answer.headers["RateLimit"] for answer in answers] == [
            '"registration";r=1;t=3600',
            '"registration";r=0;t=3600',
            '"registration";r=0;t=3600',
        ]
        assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"registration";q=2;w=3600'}
        assert answers[2].headers["Retry-After"] == "3600"
        assert answers[2].json()["code"] == "rate-limited"

    async def test_routes_without_a_limit_say_nothing(self, db: Database, settings: Settings) -> None:
        async with client_behind(db, settings) as client:
            answer = await client.get("/free")

        assert "RateLimit" not in answer.headers

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "status"),
        [(0, "203.0.113.{n}", 429), (1, "203.0.113.{n}", 404), (1, "203.0.113.{n}, 192.0.2.7", 429)],
        ids=["no proxy", "our proxy says so", "somebody before our proxy says so"],
    )
    async def test_believes_our_own_proxies_only(
        self, db: Database, settings: Settings, proxies: int, forwarded: str, status: int
    ) -> None:
        async with client_behind(db, settings, proxies) as client:
            for n in range(3):
                answer = await client.get("/limited", headers={"X-Forwarded-For": forwarded.format(n=n)})

        assert answer.status_code == status

    def test_a_limit_must_be_a_setting(self) -> None:
        with pytest.raises(ValueError, match="no limit called"):
            PerAddress("unheard")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_may_use_many_addresses_counts_as_one(address: str, network: Any) -> None:
    assert network_of(address) == network
