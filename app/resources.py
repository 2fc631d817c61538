"""Opens everything a process holds on to; the only file that knows all clients."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Literal

import httpx
from pydantic import BaseModel

from app.analyses.client import GeometryClient
from app.analyses.pictures_client import PicturesClient
from app.analyses.running import Running
from app.auth.idempotency import forget_answers
from app.auth.own_words import OwnWords
from app.calculations.client import PricingClient
from app.catalog.client import CatalogClient
from app.catalog.library import VersionLibrary
from app.core.config import CalculatorSection, Settings
from app.core.db import Database, open_database
from app.core.erasure import Erasure
from app.core.health import Probes
from app.core.http import Upstream, make_client
from app.core.mail import Mailer, mailer_of
from app.core.metrics import Metrics
from app.core.offload import Offload
from app.core.quotas import Usage
from app.core.rate_limits import RateLimiter
from app.core.resources import Resources
from app.core.security import PasswordHasher, TokenService
from app.core.signed_links import SignedLinks
from app.core.storage import Storage
from app.core.streams import Streams
from app.documents.dependencies import count_documents, erase_documents
from app.files.dependencies import count_files, erase_files
from app.orders.dependencies import erase_orders
from app.uploads.dependencies import count_uploads, erase_uploads
from app.users.words import ProfileWords

CALCULATOR = "calculator"
SECRET_HEADER = "X-Calculator-Secret"  # noqa: S105 - the name of a header
OFFLOAD_THREADS = 4
PASSWORDS_NICENESS = 5
"""Hashing gives way to answering: about a quarter of a core is left to it where every core is busy."""


class CalculatorReady(BaseModel):
    """What a calculator says of itself that has the right secret and can work."""

    status: Literal["ready"]


@asynccontextmanager
async def open_resources(settings: Settings, metrics: Metrics) -> AsyncIterator[Resources]:
    """The clients of this process, closed in reverse order at the end."""
    async with AsyncExitStack() as stack:
        database = open_database(settings.database)
        stack.push_async_callback(database.close)
        offload = Offload("blocking", workers=OFFLOAD_THREADS, waiting=256)
        stack.push_async_callback(offload.close)
        client = make_client(
            connect_seconds=settings.calculator.connect_seconds,
            read_seconds=settings.calculator.analysis_seconds,
            connections=settings.calculator.connections,
        )
        stack.push_async_callback(client.aclose)
        passwords = Offload("passwords", workers=1, waiting=32, niceness=PASSWORDS_NICENESS)
        stack.push_async_callback(passwords.close)
        resources = Resources(
            settings,
            metrics,
            database,
            RateLimiter(database, enabled=settings.limits.enabled),
            erasure(),
            usage(),
            offload,
            Storage.of(settings.storage),
            PasswordHasher(passwords, settings.auth.bcrypt_rounds),
            SignedLinks(settings.auth.secret.get_secret_value(), settings.server.api_path),
            TokenService(
                settings.auth.secret.get_secret_value(), timedelta(minutes=settings.auth.access_minutes)
            ),
        )
        resources.add(ProfileWords(), kind=OwnWords)
        resources.add(mailer_of(settings.mail, is_development=settings.is_development), kind=Mailer)
        resources.add(Streams(settings.server.max_requests // 2))
        add_calculator(resources, settings.calculator, client)
        add_probes(resources)
        stack.push_async_callback(resources.get(Running).close)
        yield resources


def erasure() -> Erasure:
    """How everything of a user is removed: what stands on something else goes first."""
    return Erasure(erase_orders, erase_documents, erase_uploads, erase_files, forget_answers)


def usage() -> Usage:
    """Who knows what a user has."""
    return Usage(count_files, count_documents, count_uploads)


def add_calculator(resources: Resources, settings: CalculatorSection, client: httpx.AsyncClient) -> None:
    """The clients of the calculator over one pool, each with its own patience and breaker."""
    secret = settings.secret.get_secret_value()

    def upstream(seconds: float) -> Upstream:
        return Upstream(
            CALCULATOR,
            settings.url,
            client,
            headers={SECRET_HEADER: secret} if secret else {},
            timeout_seconds=seconds,
        )

    pricing = upstream(settings.price_seconds)
    resources.add(GeometryClient(upstream(settings.analysis_seconds)))
    resources.add(PicturesClient(upstream(settings.analysis_seconds)))
    resources.add(Running())
    resources.add(PricingClient(pricing))
    resources.add(CatalogClient(pricing, fresh_seconds=settings.catalog_seconds))
    resources.add(VersionLibrary(resources.get(Database), fresh_seconds=settings.published_seconds))


def add_probes(resources: Resources) -> None:
    """What readiness asks, once everything it asks is there."""
    storage, calculator = resources.get(Storage), resources.get(PricingClient).upstream

    async def calculator_ready() -> None:
        response = await calculator.request("GET", "/health/ready")
        if not response.is_success:
            raise calculator.errors.failed(f"The calculator answered {response.status_code}.")
        calculator.read(response, CalculatorReady)

    asked = {"database": resources.get(Database).ping, "calculator": calculator_ready}
    if storage.may_get_lost:
        asked["storage"] = storage.ping
    resources.add(Probes(**asked))
