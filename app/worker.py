"""A process that runs background jobs and nothing else: ``python -m app.worker``, on any number of machines.

It takes the settings of the API. Over HTTP it answers for its health and its figures only.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI

from app.core import health
from app.core.config import Settings, read_settings
from app.core.jobs.discovery import discover
from app.core.jobs.running import working
from app.core.logging import configure_logging
from app.core.metrics import Metrics, metrics_router
from app.core.migrations import upgrade
from app.core.resources import Resources
from app.core.server import serve
from app.resources import open_resources

log = structlog.get_logger("app")


@asynccontextmanager
async def started(settings: Settings, metrics: Metrics) -> AsyncIterator[Resources]:
    """Everything opened, the tables in place, and jobs at work."""
    async with open_resources(settings, metrics) as resources:
        resources.add(discover())
        await upgrade(settings.database.url.get_secret_value())
        async with working(settings, resources):
            log.info("ready", environment=settings.environment)
            yield resources


def create_worker(settings: Settings) -> FastAPI:
    """The worker over these settings, as an application whose life is the worker's."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with started(settings, metrics) as resources:
            yield {"resources": resources}

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health.router, prefix=settings.server.base_path)
    app.include_router(metrics_router(metrics), prefix=settings.server.base_path)
    return app


def main() -> None:
    """Run jobs as the settings say, until told to stop."""
    settings = read_settings()
    configure_logging(settings.server.log_level, json=settings.server.log_json)
    serve(create_worker(settings), settings.server.host, settings.jobs.port)


if __name__ == "__main__":
    main()
