"""Runs migrations on SQLite and PostgreSQL, one process at a time."""

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import fileConfig
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

import app.models  # noqa: F401 - fills the metadata
from app.core.config import database_section
from app.core.models import Base

ADVISORY_LOCK = 0x4D494C4C  # "MILL"
LOCK_TIMEOUT = "5s"

config = context.config
if config.config_file_name and not config.attributes.get("quiet"):
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def database_url() -> str:
    """The URL handed over by the caller, else the one of the environment."""
    given: str | None = config.attributes.get("url")
    return given or database_section().url.get_secret_value()


@contextmanager
def one_at_a_time(url: str) -> Iterator[None]:
    """A lock file beside a SQLite database; PostgreSQL locks inside its own session."""
    database = make_url(url).database
    if not url.startswith("sqlite") or not database or database == ":memory:":
        yield
        return
    path = Path(database).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(connection: Connection) -> None:
    """Run the missing revisions on this connection."""
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=not is_postgres,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if is_postgres:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()


async def online(url: str) -> None:
    """Connect, migrate, leave."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    context.configure(url=database_url(), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with one_at_a_time(database_url()):
        asyncio.run(online(database_url()))
