"""A PostgreSQL database: dumped by its own tools from one snapshot, restored beside the former tables."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from scripts.backups import BackupFailed
from scripts.backups.contents import Contents, contents_of, opened
from scripts.backups.manifest import Engine

FORMER = "before_restore"
"""The schema in which the former tables wait until the new ones are there."""
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'millwright' AND pid <> pg_backend_pid()"
)

LOOKS, LOOK_SECONDS = 10, 0.2


class PostgresDatabase:
    """The database on a server."""

    engine: Engine = "postgresql"
    folder: Path | None = None
    """Its dumps may wait anywhere."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def copy_to(self, target: Path) -> Contents:
        """Dump the state of this moment; writers go on meanwhile."""
        tool = find_tool("pg_dump")
        async with opened(self.url) as database, database.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ")
            snapshot = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
            contents = await contents_of(connection)
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            await self._run(tool, *options, "--schema=public", f"--file={target}")
        return contents

    async def is_empty(self) -> bool:
        """Whether nothing would be lost by restoring here."""
        async with opened(self.url) as database, database.engine.connect() as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            return not (await connection.execute(text(tables))).scalar_one()

    @asynccontextmanager
    async def replaced_by(self, dump: Path) -> AsyncIterator[str]:
        """Yields the URL of the new database; what was there before comes back when the block fails."""
        tool = find_tool("pg_restore")
        await self._ensure_unused()
        await self._execute(f"ALTER SCHEMA public RENAME TO {FORMER}", "CREATE SCHEMA public")
        try:
            options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
            await self._run(tool, *options, "--schema=public", str(dump))
            yield self.url
        except BaseException:
            await self._execute("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {FORMER} RENAME TO public")
            raise
        await self._execute(f"DROP SCHEMA {FORMER} CASCADE")

    async def _ensure_unused(self) -> None:
        async with opened(self.url) as database, database.engine.connect() as connection:
            others = await _others(connection)
            schema = await connection.execute(text("SELECT to_regnamespace(:name)"), {"name": FORMER})
            is_left = schema.scalar_one() is not None
        if others:
            raise BackupFailed(f"The API holds {others} connections to the database; stop it first.")
        if is_left:
            raise BackupFailed(
                f"A restore was cut short: the former tables are in the schema {FORMER}. "
                f"Put them back (DROP SCHEMA public CASCADE; ALTER SCHEMA {FORMER} RENAME TO public) "
                f"or drop them, and start again."
            )

    async def _execute(self, *statements: str) -> None:
        """All of them or none."""
        async with opened(self.url) as database, database.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def _run(self, tool: str, *arguments: str) -> None:
        """Run a tool over this database; the password goes by the environment, which others cannot read."""
        url = make_url(self.url).set(drivername="postgresql")
        environment = {**os.environ, "LC_MESSAGES": "C"}
        if url.password:
            environment["PGPASSWORD"] = str(url.password)
        address = url.set(password=None).render_as_string()
        process = await asyncio.create_subprocess_exec(
            tool,
            f"--dbname={address}",
            *arguments,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        if process.returncode != 0:
            raise BackupFailed(f"{Path(tool).name} failed: {said.decode(errors='replace').strip()}")


async def _others(connection: AsyncConnection) -> int:
    """How many connections the service holds; those just closed are given a moment to end."""
    for _ in range(LOOKS):
        others: int = (await connection.execute(text(OTHERS))).scalar_one()
        if not others:
            break
        await asyncio.sleep(LOOK_SECONDS)
    return others


def find_tool(name: str) -> str:
    """The path of one of PostgreSQL's commands."""
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(
            f"{name} is needed and not on PATH; install PostgreSQL's client programs, at least of the "
            "server's version (on Debian and Ubuntu: apt-get install postgresql-client)."
        )
    return found
