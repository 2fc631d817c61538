"""The API: settings in, a running service out. Composition only."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from fastapi import FastAPI

from app.api import include_features
from app.auth.dependencies import auth_service, describe_login
from app.auth.errors import EmailNotConfirmed, MustChangePassword
from app.auth.letter_pages import install_letter_pages
from app.contents.errors import FileTooLarge
from app.contents.orphans import Orphans
from app.core import health
from app.core.body_limits import BodyLimits, BodyRule
from app.core.config import Settings, read_settings
from app.core.db import Database
from app.core.docs import install_docs
from app.core.errors import Unauthorized, WriteConflict
from app.core.handlers import PageTooDeep, UnexpectedFailures, describe_problem, install_handlers
from app.core.idempotency import forget_expired
from app.core.jobs.discovery import discover
from app.core.jobs.running import working
from app.core.limited import RateLimitHeaders
from app.core.logging import configure_logging
from app.core.methods import AnswerHead
from app.core.metrics import Metrics, metrics_router
from app.core.middleware import (
    Compression,
    RequestMetrics,
    RequestNames,
    SecurityHeaders,
)
from app.core.migrations import upgrade
from app.core.offload import Overloaded
from app.core.openapi import Surroundings
from app.core.origins import OtherOrigins
from app.core.pressure import Arrivals, CutSlowClients, LimitConcurrency, Pace
from app.core.resources import Resources
from app.core.server import serve
from app.core.storage import Storage
from app.files.dependencies import demo_parts
from app.resources import open_resources

log = structlog.get_logger("app")

VERSION = "0.1.0"
FRAMING_BYTES = 1_000_000
"""What multipart and JSON add around a file."""
BASE64 = 4 / 3
INLINE_BYTES_PER_SECOND = 50_000
"""How fast a file must arrive that is sent inside a price request, where nobody has to be signed in."""
LONGEST_PAUSE_OF_AN_UPLOAD = timedelta(hours=1)
"""What was not written to for so long belongs to a process that is gone."""
TIDY_SECONDS = 3600
SENT_BY_PAGES = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Range",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-API-Key",
    "X-Request-ID",
)
READ_BY_PAGES = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-File-ID",
    "X-Request-ID",
)

Opener = Callable[[Settings, Metrics], AbstractAsyncContextManager[Resources]]


@asynccontextmanager
async def started(settings: Settings, metrics: Metrics) -> AsyncIterator[Resources]:
    """Everything opened and everything in place."""
    async with open_resources(settings, metrics) as resources:
        resources.add(discover())
        await prepare(settings, resources)
        gc.collect()
        gc.freeze()
        log.info("ready", version=VERSION, environment=settings.environment)
        tidying = asyncio.create_task(keep_tidy(resources))
        try:
            async with working(settings, resources) if settings.jobs.embedded else nullcontext():
                yield resources
        finally:
            tidying.cancel()
            await asyncio.wait({tidying})


async def keep_tidy(resources: Resources) -> None:
    """Every hour: forget keys whose time is over and what killed processes left in the storage."""
    database, storage = resources.get(Database), resources.get(Storage)
    while True:
        try:
            await forget_expired(database)
            pieces = await storage.remove_unfinished(LONGEST_PAUSE_OF_AN_UPLOAD)
            orphans = await Orphans(database, storage).remove(LONGEST_PAUSE_OF_AN_UPLOAD)
        except Exception:
            log.exception("not tidied")
        else:
            log.info("tidied", pieces=pieces, orphans=orphans)
        await asyncio.sleep(TIDY_SECONDS)


def create_app(settings: Settings, opener: Opener = started) -> FastAPI:
    """The application over these settings; ``opener`` lets tests bring clients of their own."""
    metrics = Metrics()
    base = settings.server.base_path

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with opener(settings, metrics) as resources:
            yield {"resources": resources}

    app = FastAPI(
        title="Millwright",
        version=VERSION,
        summary="A STEP or STL part becomes a price that proves itself, then an order.",
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{base}/openapi.json" if settings.server.docs else None,
    )
    install_handlers(app)
    add_middleware(app, settings, metrics)
    app.include_router(health.router, prefix=base)
    app.include_router(metrics_router(metrics), prefix=base)
    include_features(app, settings.server.api_path)
    install_letter_pages(app, base)
    if settings.server.docs:
        install_docs(app, base)
        describe(app, base)
    return app


async def prepare(settings: Settings, resources: Resources) -> None:
    """What must be there before the first request: tables, an administrator, the demo parts."""
    database = resources.get(Database)
    await upgrade(settings.database.url.get_secret_value())
    async with database.transaction() as session:
        await auth_service(resources, session).ensure_first_admin(settings.data_dir)
    if settings.storage.demo_files:
        async with database.transaction() as session:
            await demo_parts(resources, session).seed()


def add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Around every request; the last one added is the outermost."""
    prefix, storage = settings.server.api_path, settings.storage
    inline = int(storage.max_inline_bytes * BASE64) + FRAMING_BYTES
    files = BodyRule(
        f"{prefix}/files",
        storage.max_file_bytes + FRAMING_BYTES,
        json_bytes=int(storage.max_base64_bytes * BASE64) + FRAMING_BYTES,
        failure=FileTooLarge,
    )
    documents = replace(files, prefix=f"{prefix}/documents")
    uploads = BodyRule(f"{prefix}/uploads", storage.max_file_bytes, failure=FileTooLarge, streamed=True)
    rules = [files, documents, uploads] + [
        BodyRule(f"{prefix}/{path}", inline, failure=FileTooLarge) for path in ("calculate-price", "orders")
    ]
    app.add_middleware(Compression)
    app.add_middleware(AnswerHead)
    app.add_middleware(BodyLimits, default_bytes=settings.server.max_body_bytes, rules=rules)
    pause_seconds, arrivals = settings.server.client_pause_seconds, Arrivals()
    app.add_middleware(
        CutSlowClients,
        arrivals=arrivals,
        pause_seconds=pause_seconds,
        pace=Pace(settings.server.client_body_seconds, INLINE_BYTES_PER_SECOND),
        uploads=rf"{re.escape(prefix)}/(files|documents|uploads/.*)",
        upload_pace=Pace(pause_seconds, settings.server.client_least_bytes_per_second),
    )
    unlimited = (f"{settings.server.base_path}/health", f"{settings.server.base_path}/metrics")
    app.add_middleware(
        LimitConcurrency, most=settings.server.max_requests, arrivals=arrivals, always=unlimited
    )
    app.add_middleware(UnexpectedFailures)
    app.add_middleware(RateLimitHeaders)
    app.add_middleware(
        OtherOrigins,
        origins=settings.server.origins,
        pattern=settings.local_pages,
        sent=SENT_BY_PAGES,
        read=READ_BY_PAGES,
    )
    app.add_middleware(SecurityHeaders, pages=[f"{settings.server.base_path}/docs"])
    app.add_middleware(RequestMetrics, metrics=metrics)
    app.add_middleware(RequestNames, log_requests=settings.server.request_log)


def describe(app: FastAPI, base: str) -> None:
    """Make the OpenAPI document speak of our problem documents and of what comes from around the routes."""
    framework = app.openapi
    surroundings = Surroundings(
        always=[Overloaded],
        signed_in=[Unauthorized, MustChangePassword, EmailNotConfirmed],
        writes=[WriteConflict],
        paged=[PageTooDeep],
    )

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = framework()
            describe_problem(document)
            surroundings.add_to(document)
            describe_login(document, base)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend it


def main() -> None:
    """Run the API as the settings say."""
    settings = read_settings()
    configure_logging(settings.server.log_level, json=settings.server.log_json)
    serve(create_app(settings), settings.server.host, settings.server.port)


if __name__ == "__main__":
    main()
