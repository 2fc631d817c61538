"""Connections to PostgreSQL that wait for it no longer than they were told to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import DatabaseBusy, DatabaseUnavailable
from app.core.sections import DatabaseSection

GOODBYE_SECONDS = 2.0
"""So long a server may take to let a connection go, statement in flight and all."""

Connecting = Callable[[], Awaitable["asyncpg.Connection[Any]"]]


class ImpatientConnection(asyncpg.Connection):  # type: ignore[misc] # the driver tells no types
    """Is dropped by a server that does not even answer its goodbye."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the driver's own parameter
        """Say goodbye; what was under way is called off first, which the driver's time-out does not bound."""
        async with asyncio.timeout(GOODBYE_SECONDS):
            await super().close(timeout=timeout)


def connecting(url: str, settings: DatabaseSection, idle_transaction_seconds: float | None) -> Connecting:
    """What makes the connections of a pool.

    Raises:
        DatabaseUnavailable: there is no server, or it takes nobody at the moment.
        DatabaseBusy: it has as many connections as it may.
    """
    dsn = url.replace("postgresql+asyncpg", "postgresql", 1)
    server_settings = {"application_name": "millwright", "timezone": "UTC"}
    if idle_transaction_seconds is not None:
        milliseconds = round(idle_transaction_seconds * 1000)
        server_settings["idle_in_transaction_session_timeout"] = str(milliseconds)

    async def connect() -> "asyncpg.Connection[Any]":
        try:
            connection = await asyncpg.connect(
                dsn,
                timeout=settings.connect_seconds,
                command_timeout=settings.statement_seconds,
                server_settings=server_settings,
                connection_class=ImpatientConnection,
            )
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresConnectionError,
            asyncpg.CannotConnectNowError,
        ) as error:
            raise DatabaseUnavailable from error
        except asyncpg.TooManyConnectionsError as error:
            raise DatabaseBusy from error
        return connection

    return connect


def tell_timeouts(engine: AsyncEngine) -> None:
    """A statement out of its time is `DatabaseBusy`; the driver raises what anything else might.

    Its connection is left: nobody knows whether the server hears what follows. Nothing is said about a
    commit either, which may have happened.
    """

    @event.listens_for(engine.sync_engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, TimeoutError):
            context.is_disconnect = True
            context.invalidate_pool_on_disconnect = False
            raise DatabaseBusy("The database took too long to answer.")
