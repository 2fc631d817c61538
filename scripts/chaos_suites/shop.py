"""Both services on free ports of loopback, over a folder of their own, for one run."""

import asyncio
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from scripts.chaos_suites.processes import MARK, POLL_SECONDS, Running, free_port, python
from scripts.local.venv import ROOT

READY_SECONDS = 60.0
CALL_SECONDS = 120.0
PREFIX = "MILLWRIGHT_"


class NotReady(TimeoutError):
    """A service did not become ready in time."""


class Shop:
    """The calculator and the API; either may be killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.mark = secrets.token_hex(8)
        self.port, self.calculator_port = free_port(), free_port()
        self.storage, self.temporary = folder / "files", folder / "tmp"
        self.temporary.mkdir(parents=True)
        self.database_url = f"sqlite+aiosqlite:///{folder / 'millwright.db'}"
        self.environment = self._environment() | settings
        self.api: Running | None = None
        self.calculator: Running | None = None

    @property
    def url(self) -> str:
        """Where the API listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def calculator_url(self) -> str:
        """Where the calculator listens."""
        return f"http://127.0.0.1:{self.calculator_port}"

    async def __aenter__(self) -> Self:
        try:
            self.start_calculator()
            self.start_api()
            await self.wait_ready()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def use_database(self, url: str) -> None:
        """Another database than the SQLite file of the folder; before anything is started."""
        self.database_url = url
        self.environment["MILLWRIGHT_DATABASE__URL"] = url

    def use_storage(self, folder: Path) -> None:
        """Another place for files; before anything is started."""
        self.storage = folder
        self.environment["MILLWRIGHT_STORAGE__URL"] = str(folder)

    def use_temporary(self, folder: Path) -> None:
        """Another place for temporary files; before anything is started."""
        folder.mkdir(parents=True)
        self.temporary = folder
        self.environment["TMPDIR"] = str(folder)

    def start_api(self) -> None:
        """Start the API as an operator does."""
        self.api = self.run("api", python("-m", "app.main"))

    def start_calculator(self) -> Running:
        """Start the calculator as an operator does."""
        self.calculator = self.run("calculator", python("-m", "app.calculator.main"))
        return self.calculator

    def run(self, name: str, command: list[str]) -> Running:
        """Any process in the environment of this shop."""
        return Running(name, command, self.environment, self.folder / f"{name}.log")

    async def wait_ready(self, seconds: float = READY_SECONDS) -> float:
        """Until the API and everything it needs can work; how many seconds that took."""
        return await wait_for_200(f"{self.url}/health/ready", seconds, self.api, self.calculator)

    async def wait_calculator(self, seconds: float = READY_SECONDS) -> float:
        """Until the calculator can measure."""
        return await wait_for_200(f"{self.calculator_url}/health/ready", seconds, self.calculator)

    async def stop(self) -> None:
        """End both services."""
        for service in (self.api, self.calculator):
            if service is not None:
                await service.stop()

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """A client of the API."""
        return direct_client(f"{self.url}/api/v1", headers)

    def temporary_files(self) -> list[str]:
        """What was left in the temporary folder of the services."""
        return [path.name for path in self.temporary.rglob("*")]

    def half_written(self) -> list[Path]:
        """Uploads in the storage that were never finished: the local store calls them ``name#number``."""
        return [path for path in self.storage.rglob("*#*") if path.is_file()]

    def stored(self) -> list[Path]:
        """The files of the storage that are whole."""
        return [path for path in self.storage.rglob("*") if path.is_file() and "#" not in path.name]

    def contents(self) -> list[Path]:
        """Those of them that somebody uploaded; the others are pictures of them."""
        return [path for path in self.stored() if self.key_of(path).startswith("files/")]

    def key_of(self, path: Path) -> str:
        """The storage key of such a file."""
        return path.relative_to(self.storage).as_posix()

    def _environment(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
        return others | {
            MARK: self.mark,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.temporary),
            "MILLWRIGHT_ENVIRONMENT": "development",
            "MILLWRIGHT_DATA_DIR": str(self.folder),
            "MILLWRIGHT_DATABASE__URL": self.database_url,
            "MILLWRIGHT_STORAGE__URL": str(self.storage),
            "MILLWRIGHT_SERVER__HOST": "127.0.0.1",
            "MILLWRIGHT_SERVER__PORT": str(self.port),
            "MILLWRIGHT_SERVER__REQUEST_LOG": "false",
            "MILLWRIGHT_AUTH__SECRET": secrets.token_urlsafe(48),
            "MILLWRIGHT_AUTH__BCRYPT_ROUNDS": "4",
            "MILLWRIGHT_AUTH__ACCESS_MINUTES": "1440",
            "MILLWRIGHT_LIMITS__ENABLED": "false",
            "MILLWRIGHT_CALCULATOR__HOST": "127.0.0.1",
            "MILLWRIGHT_CALCULATOR__PORT": str(self.calculator_port),
            "MILLWRIGHT_CALCULATOR__URL": self.calculator_url,
        }


def direct_client(base_url: str, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """A client that asks no proxy."""
    return httpx.AsyncClient(base_url=base_url, headers=headers, trust_env=False, timeout=CALL_SECONDS)


async def wait_for_200(address: str, seconds: float, *needed: Running | None) -> float:
    """Ask until the answer is 200; how many seconds that took.

    Raises ``NotReady`` when the time is up and ``Ended`` when one of the needed processes is not there.
    """
    started = time.monotonic()
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        while time.monotonic() < started + seconds:
            for one in needed:
                if one is not None:
                    one.ensure_alive()
            if await _answers_200(client, address):
                return time.monotonic() - started
            await asyncio.sleep(POLL_SECONDS)
    raise NotReady(f"{address} did not answer 200 within {seconds:.0f} seconds")


async def _answers_200(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
