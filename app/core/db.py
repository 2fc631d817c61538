"""Engines, sessions and the unit of work: the only place where requests commit."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic_core import from_json
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.core.config import DatabaseSection
from app.core.errors import AppError, DatabaseBusy, DatabaseUnavailable, StorageFull, WriteConflict
from app.core.postgres import connecting, tell_timeouts

SessionFactory = async_sessionmaker[AsyncSession]
Action = Callable[[], Awaitable[None]]

FUNCTION_STACK = "fastapi_function_astack"
"""Where FastAPI keeps what ends with the endpoint; a test notices when it moves."""

POSTGRES_DISK_FULL = "53100"
POSTGRES_BUSY = {"53300", "55P03", "57014"}  # too many connections, lock not available, statement timeout
POSTGRES_CONFLICT = {"40001", "40P01"}  # serialization failure, deadlock
POSTGRES_GONE = {"57P01", "57P02", "57P03"}  # shutting down, crash shutdown, starting up


class Database:
    """The engine and its two kinds of sessions.

    ``writes`` begin IMMEDIATE on SQLite, so that a transaction never has to be upgraded; ``reads`` never
    begin at all (autocommit), so that readers wait for nobody.
    """

    def __init__(self, engine: AsyncEngine, *, reads: SessionFactory, writes: SessionFactory) -> None:
        self.engine = engine
        self.reads = reads
        self.writes = writes

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed at the end, or not at all.

        Actions registered with :func:`after_commit` and :func:`after_rollback` run once the outcome is
        certain; when a commit is interrupted nobody knows it, and neither runs.
        """
        async with self.writes() as session:
            try:
                yield session
                await session.flush()
            except AppError as error:
                if not error.keeps_writes:
                    await undo(session)
                    raise
                await _commit(session)
                raise
            except BaseException:
                await undo(session)
                raise
            await _commit(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for questions; what it is told to write is never committed."""
        async with self.reads() as session:
            yield session

    async def ping(self) -> None:
        """Ask the database something; raises when it cannot answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


def open_database(settings: DatabaseSection, *, idle_transaction_seconds: float | None = None) -> Database:
    """The database of the settings; connects when first used.

    ``idle_transaction_seconds``: PostgreSQL ends a transaction that was left alone for so long.
    """
    url = settings.url.get_secret_value()
    if url.startswith("sqlite"):
        return _open_sqlite(url, settings)
    if url.startswith("postgresql+asyncpg"):
        return _open_postgres(url, settings, idle_transaction_seconds)
    raise ValueError("MILLWRIGHT_DATABASE__URL must begin with sqlite+aiosqlite:// or postgresql+asyncpg://")


def _open_sqlite(url: str, settings: DatabaseSection) -> Database:
    engine = create_async_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_wait_seconds,
        connect_args={"timeout": settings.pool_wait_seconds},
        json_deserializer=from_json,
    )
    prepare_sqlite(engine, settings.sqlite_synchronous)
    return Database(
        engine,
        reads=_factory(engine.execution_options(sqlite_begin=None)),
        writes=_factory(engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")),
    )


def prepare_sqlite(engine: AsyncEngine, synchronous: str) -> None:
    """Pragmas for every connection, and BEGIN in our hands instead of the driver's."""

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:  # noqa: ANN401 - driver objects
        connection.isolation_level = None
        connection.create_function("lower", 1, _lower)  # SQLite's own knows ASCII only
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Any) -> None:  # noqa: ANN401 - driver objects
        begin = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if begin is not None:
            connection.exec_driver_sql(begin)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _open_postgres(url: str, settings: DatabaseSection, idle_transaction_seconds: float | None) -> Database:
    engine = create_async_engine(
        url,
        async_creator=connecting(url, settings, idle_transaction_seconds),
        json_deserializer=from_json,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_wait_seconds,
    )
    tell_timeouts(engine)
    return Database(
        engine,
        reads=_factory(engine.execution_options(isolation_level="AUTOCOMMIT")),
        writes=_factory(engine),
    )


def _factory(engine: AsyncEngine) -> SessionFactory:
    return async_sessionmaker(engine, expire_on_commit=False)


async def unit_of_work(request: Request) -> AsyncIterator[AsyncSession]:
    """The transaction of a request, committed before its answer leaves."""
    database: Database = request.state.resources.get(Database)
    async with database.transaction() as session:
        request.state.session = session
        yield session


async def read_session(request: Request) -> AsyncSession:
    """The session of a request that only asks, closed when its endpoint has returned.

    No generator: it is put on the stack on which FastAPI closes those, which spares one task switch and
    two context managers at every request.
    """
    database: Database = request.state.resources.get(Database)
    session = database.reads()
    closing: AsyncExitStack = request.scope[FUNCTION_STACK]
    closing.push_async_callback(session.close)
    return session


SessionDep = Annotated[AsyncSession, Depends(unit_of_work, scope="function")]
ReadSessionDep = Annotated[AsyncSession, Depends(read_session)]


async def release(session: AsyncSession) -> None:
    """Give the connection back before a slow call; loaded objects stay usable.

    Raises:
        RuntimeError: there are changes waiting, which would be committed half-way.
    """
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a session with pending changes cannot be released")
    await session.commit()


def after_commit(session: AsyncSession, action: Action) -> None:
    """Run ``action`` once this transaction is committed, such as removing bytes nobody owns any more."""
    session.info.setdefault("after_commit", []).append(action)


def after_rollback(session: AsyncSession, action: Action) -> None:
    """Run ``action`` if this transaction fails, such as removing bytes that were stored for it."""
    session.info.setdefault("after_rollback", []).append(action)


async def undo(session: AsyncSession) -> None:
    """Roll back and clean up after what was done outside the database for this transaction."""
    await session.rollback()
    await _run(session, "after_rollback")


async def _commit(session: AsyncSession) -> None:
    try:
        await session.commit()
    except BaseException as error:
        if _was_refused(error):
            await undo(session)
        else:
            session.info.clear()
            await session.rollback()
        raise
    await _run(session, "after_commit")


def _was_refused(error: BaseException) -> bool:
    """Whether the database said no; a lost connection or a wait given up says nothing about the commit."""
    known = translate(error) if isinstance(error, Exception) else None
    return known is not None and not isinstance(known, DatabaseUnavailable)


async def _run(session: AsyncSession, moment: str) -> None:
    actions: list[Action] = session.info.get(moment, [])
    session.info.clear()
    for action in actions:
        await action()


def translate(error: Exception) -> AppError | None:
    """What a failure of the database means to the client; ``None`` when it is our own mistake."""
    if isinstance(error, PoolTimeoutError):
        return DatabaseBusy()
    if isinstance(error, IntegrityError):
        return WriteConflict()
    if isinstance(error, DBAPIError):
        return _translate_driver(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return StorageFull()
    return None


def _translate_driver(error: DBAPIError) -> AppError | None:
    state = str(getattr(error.orig, "sqlstate", "") or "")
    message = str(error.orig).lower()
    if state == POSTGRES_DISK_FULL or "disk is full" in message:
        return StorageFull()
    if state in POSTGRES_CONFLICT:
        return WriteConflict()
    if state in POSTGRES_BUSY or "database is locked" in message:
        return DatabaseBusy()
    if (
        error.connection_invalidated
        or state in POSTGRES_GONE
        or isinstance(error, InterfaceError | OperationalError)
    ):
        return DatabaseUnavailable()
    return None
