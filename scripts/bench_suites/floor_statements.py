"""The statements behind one order, by SQLAlchemy Core and by the drivers."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import aiosqlite
import asyncpg
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.auth.models import Session, User, UserStatus
from app.core.db import prepare_sqlite
from app.orders.models import Order

CONNECTIONS = 10
COLUMNS = [column.name for column in Order.__table__.columns]
JSON_COLUMNS = ("choices", "price")
MONEY = ("unit_price", "total_price")


@dataclass(frozen=True)
class Token:
    """What of an access token is needed."""

    session_id: UUID
    version: int


LIVING = (
    select(User.id, User.username, User.email, User.is_admin, Session.id, User.must_change_password)
    .join(User, User.id == Session.user_id)
    .where(
        Session.id == bindparam("session_id"),
        Session.revoked_at.is_(None),
        Session.expires_at > bindparam("moment"),
        User.status == UserStatus.active,
        User.token_version == bindparam("version"),
    )
)
OWNED = select(Order.__table__).where(Order.id == bindparam("order"), Order.owner_id == bindparam("owner"))
NEW = insert(Order)


class Core:
    """Statements as SQLAlchemy compiles them, without sessions and objects."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        is_sqlite = engine.dialect.name == "sqlite"
        reads = {"sqlite_begin": None} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        writes = {"sqlite_begin": "BEGIN IMMEDIATE"} if is_sqlite else {}
        self.reads = engine.execution_options(**reads)
        self.writes = engine.execution_options(**writes)

    @classmethod
    async def over(cls, url: str) -> "Core":
        """Over this database, as the API opens it."""
        engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
        if engine.dialect.name == "sqlite":
            prepare_sqlite(engine, "FULL")
        return cls(engine)

    async def identity(self, token: Token, moment: datetime) -> UUID | None:
        """The user of a living session."""
        asked = {"session_id": token.session_id, "moment": moment, "version": token.version}
        async with self.reads.connect() as connection:
            row = (await connection.execute(LIVING, asked)).one_or_none()
        return None if row is None else row[0]

    async def order(self, order_id: UUID, owner_id: UUID) -> dict[str, Any] | None:
        """One own order."""
        async with self.reads.connect() as connection:
            row = (await connection.execute(OWNED, {"order": order_id, "owner": owner_id})).one_or_none()
        return None if row is None else dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name

    async def insert(self, order: dict[str, Any]) -> None:
        """Store an order, committed."""
        money = {name: Decimal(order[name]) for name in MONEY}
        async with self.writes.begin() as connection:
            await connection.execute(NEW, {**order, **money})

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


class Driver:
    """Statements as text, straight to asyncpg or aiosqlite."""

    @classmethod
    async def over(cls, url: str) -> "Postgres | Sqlite":
        """Over this database."""
        if url.startswith("sqlite"):
            return Sqlite(await _sqlite(url))
        pool = await asyncpg.create_pool(
            url.replace("postgresql+asyncpg", "postgresql", 1), min_size=1, max_size=CONNECTIONS
        )
        return Postgres(pool)


IDENTITY = """
SELECT users.id FROM sessions JOIN users ON users.id = sessions.user_id
WHERE sessions.id = $1 AND sessions.revoked_at IS NULL AND sessions.expires_at > $2
AND users.status = 'active' AND users.token_version = $3
"""
ORDER = "SELECT * FROM orders WHERE id = $1 AND owner_id = $2"
INSERT = (
    f"INSERT INTO orders ({', '.join(COLUMNS)}) "  # noqa: S608 - our own column names
    f"VALUES ({', '.join(f'${number}' for number in range(1, len(COLUMNS) + 1))})"
)


class Postgres:
    """asyncpg."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self.pool = pool

    async def identity(self, token: Token, moment: datetime) -> UUID | None:
        """The user of a living session."""
        found: UUID | None = await self.pool.fetchval(IDENTITY, token.session_id, moment, token.version)
        return found

    async def order(self, order_id: UUID, owner_id: UUID) -> dict[str, Any] | None:
        """One own order."""
        row = await self.pool.fetchrow(ORDER, order_id, owner_id)
        return None if row is None else _parsed(dict(row))

    async def insert(self, order: dict[str, Any]) -> None:
        """Store an order, committed."""
        await self.pool.execute(INSERT, *_values(order, Decimal))

    async def close(self) -> None:
        """Give the connections back."""
        await self.pool.close()


class Sqlite:
    """aiosqlite with one connection, which is one thread."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection

    async def identity(self, token: Token, moment: datetime) -> UUID | None:
        """The user of a living session."""
        row = await self._one(IDENTITY, (token.session_id.hex, _naive(moment), token.version))
        return None if row is None else UUID(row["id"])

    async def order(self, order_id: UUID, owner_id: UUID) -> dict[str, Any] | None:
        """One own order."""
        row = await self._one(ORDER, (order_id.hex, owner_id.hex))
        return None if row is None else _parsed(dict(row))

    async def insert(self, order: dict[str, Any]) -> None:
        """Store an order, committed."""
        cents = [_sqlite_value(value) for value in _values(order, lambda amount: int(Decimal(amount) * 100))]
        await self.connection.execute_insert(_numbered(INSERT), cents)

    async def close(self) -> None:
        """Give the connection back."""
        await self.connection.close()

    async def _one(self, statement: str, values: tuple[Any, ...]) -> sqlite3.Row | None:
        rows = list(await self.connection.execute_fetchall(_numbered(statement), values))
        return rows[0] if rows else None


def _numbered(statement: str) -> str:
    return statement.replace("$", "?")


async def _sqlite(url: str) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(url.split("///", 1)[1], isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        await connection.execute(f"PRAGMA {pragma}")
    return connection


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: json.loads(row[name]) for name in JSON_COLUMNS}}


def _values(order: dict[str, Any], money: Any) -> list[Any]:  # noqa: ANN401 - a function of an amount
    stored = {**order, **{name: json.dumps(order[name]) for name in JSON_COLUMNS}}
    return [money(stored[name]) if name in MONEY else stored[name] for name in COLUMNS]


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _sqlite_value(value: Any) -> Any:  # noqa: ANN401 - any column
    if isinstance(value, UUID):
        return value.hex
    return _naive(value) if isinstance(value, datetime) else value
