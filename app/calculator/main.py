"""Composition of the calculator: ``python -m app.calculator.main``."""

import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from app.calculator.catalog import loader
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.metrics import Metrics
from app.calculator.middleware import Gate
from app.calculator.problems import install_handlers
from app.calculator.router import router
from app.calculator.service import PREPARE, CalculatorService
from app.calculator.shelf import CatalogShelf
from app.contract.settings import CALCULATOR_PREFIX, complaints

GRACE_SECONDS = 5
"""How long requests in flight may go on after the signal to stop."""


def create_app(settings: CalculatorSettings) -> Gate:
    """The calculator as an ASGI application; its lifespan starts and ends the fork server."""
    children = Children(PREPARE, most=settings.children, queue=settings.queue)
    metrics = Metrics(lambda: children.running)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        catalogs = CatalogShelf(loader.load(), settings.cached_catalogs)
        app.state.service = CalculatorService(settings, children, catalogs, metrics)
        await children.start()
        try:
            yield
        finally:
            await children.stop()

    app = FastAPI(
        title="Millwright calculator", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.include_router(router)
    install_handlers(app)
    secret = settings.secret.get_secret_value() if settings.secret else None
    return Gate(app, secret=secret, metrics=metrics)


def configure_logging() -> None:
    """JSON lines on standard output, the request id in every one."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def run() -> None:
    """Serve until SIGINT or SIGTERM, then leave with nothing behind."""
    try:
        settings = CalculatorSettings()
    except ValidationError as error:
        sys.exit(complaints(error, CALCULATOR_PREFIX))
    configure_logging()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn raises the signal again once it has stopped
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    run()
