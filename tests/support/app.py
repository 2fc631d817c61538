"""The application over test resources, and a client that speaks HTTP to it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from app.analyses.running import Running
from app.auth.own_words import OwnWords
from app.core.config import (
    AuthSection,
    CalculatorSection,
    Environment,
    LimitsSection,
    ServerSection,
    Settings,
)
from app.core.db import Database
from app.core.http import make_client
from app.core.jobs.discovery import discover
from app.core.mail import Mailer, mailer_of
from app.core.metrics import Metrics
from app.core.offload import Offload
from app.core.rate_limits import RateLimiter
from app.core.resources import Resources
from app.core.security import PasswordHasher, TokenService
from app.core.signed_links import SignedLinks
from app.core.storage import Storage
from app.core.streams import Streams
from app.main import create_app
from app.resources import add_calculator, add_probes, erasure, usage
from app.users.words import ProfileWords
from tests.support.calculator import StandInCalculator

SECRET = "a-secret-for-tests-only-" + "x" * 32
BASE_URL = "http://millwright.test"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as a developer has them, with cheap password hashes and without limits of rate."""
    return Settings(
        _env_file=None,
        environment=Environment.development,
        data_dir=tmp_path_factory.mktemp("data"),
        auth=AuthSection(secret=SecretStr(SECRET), bcrypt_rounds=4),
        calculator=CalculatorSection(
            url="http://calculator.test", catalog_seconds=3600, published_seconds=60
        ),
        limits=LimitsSection(enabled=False),
        server=ServerSection(stream_seconds=0.2),
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> FastAPI:
    """The composed application; its resources come with each request of the client."""
    return create_app(settings)


@asynccontextmanager
async def resources_over(
    settings: Settings, database: Database, calculator: StandInCalculator
) -> AsyncIterator[Resources]:
    """What the application holds on to, over this database and this calculator."""
    async with AsyncExitStack() as stack:
        blocking, passwords = Offload("blocking", workers=2), Offload("passwords")
        stack.push_async_callback(blocking.close)
        stack.push_async_callback(passwords.close)
        transport = httpx.ASGITransport(app=calculator.app())
        neighbour = await stack.enter_async_context(make_client(transport=transport))
        resources = Resources(
            settings,
            Metrics(),
            database,
            RateLimiter(database, enabled=settings.limits.enabled),
            erasure(),
            usage(),
            blocking,
            Storage.at("memory://"),
            PasswordHasher(passwords, settings.auth.bcrypt_rounds),
            SignedLinks(SECRET, settings.server.api_path),
            TokenService(SECRET, timedelta(minutes=settings.auth.access_minutes)),
            discover(),
        )
        resources.add(ProfileWords(), kind=OwnWords)
        resources.add(mailer_of(settings.mail, is_development=settings.is_development), kind=Mailer)
        resources.add(Streams(settings.server.max_requests // 2))
        add_calculator(resources, settings.calculator, neighbour)
        add_probes(resources)
        stack.push_async_callback(resources.get(Running).close)
        yield resources


@pytest.fixture
async def resources(
    settings: Settings, db: Database, calculator: StandInCalculator, storage: Storage
) -> AsyncIterator[Resources]:
    """The resources of this test."""
    async with resources_over(settings, db, calculator) as opened:
        opened.add(storage)
        yield opened


class WithState:
    """What a server does with the lifespan's state: hand it to every request."""

    def __init__(self, app: ASGIApp, **state: Any) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(self.state)
        await self.app(scope, receive, send)


def client_of(app: ASGIApp, resources: Resources) -> httpx.AsyncClient:
    """A client of the application over these resources."""
    transport = httpx.ASGITransport(app=WithState(app, resources=resources))
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL)


@pytest.fixture
async def client(application: FastAPI, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's client."""
    async with client_of(application, resources) as opened:
        yield opened


@pytest.fixture
async def live_resources(
    settings: Settings, live: Database, calculator: StandInCalculator, storage: Storage
) -> AsyncIterator[Resources]:
    """The resources of a test whose commits are real."""
    async with resources_over(settings, live, calculator) as opened:
        opened.add(storage)
        yield opened


@pytest.fixture
async def live_client(application: FastAPI, live_resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose commits are real."""
    async with client_of(application, live_resources) as client:
        yield client


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder for secrets and files."""
    return tmp_path
