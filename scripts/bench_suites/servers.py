"""Real server processes on free ports: both services, and the floors of the suites."""

import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.bench_suites.load import Outcome, fire
from scripts.bench_suites.measure import BenchFailed, Candidate, Sample
from scripts.bench_suites.processes import cpu_seconds
from scripts.local.services import Service

READY_SECONDS = 60.0
POLL_SECONDS = 0.02
PREFIX = "MILLWRIGHT_"
BYTECODE = "PYTHONPYCACHEPREFIX"


@dataclass(frozen=True)
class Server:
    """A running server; ``helpers`` are processes whose CPU time is spent for its answers too."""

    service: Service
    port: int
    helpers: tuple[int, ...] = ()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.service.pid is not None
        return self.service.pid

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def answering(
        self, request: bytes, *, requests: int, connections: int = 1, expected: int = 200
    ) -> Candidate:
        """A candidate that has the server answer a request so often; its CPU time is that of the servers."""

        def run() -> Sample:
            before = cpu_seconds(self.pid, *self.helpers)
            outcome = self.fire(request, requests=requests, connections=connections, expected=expected)
            spent = cpu_seconds(self.pid, *self.helpers) - before
            return Sample(outcome.seconds / outcome.requests, spent / outcome.requests)

        return run

    def fire(self, request: bytes, *, requests: int, connections: int = 1, expected: int = 200) -> Outcome:
        """Send the request so often."""
        return fire(self.port, request, requests=requests, connections=connections, expected=expected)


@contextmanager
def serving(
    name: str,
    module: str,
    folder: Path,
    environment: Mapping[str, str],
    port: int,
    headers: Mapping[str, str] | None = None,
    *,
    health: str = "/health/ready",
) -> Iterator[Server]:
    """A module as a server process, ready when it says so under ``health``; its log in the folder."""
    service = Service(name, module, folder / f"{name}.log", f"http://127.0.0.1:{port}{health}", headers)
    try:
        service.start(Path(sys.executable), environment)
        wait_until_ready(service)
        yield Server(service, port)
    finally:
        service.stop()


def wait_until_ready(service: Service) -> None:
    """Look often: the time until ready is a figure itself."""
    deadline = time.monotonic() + READY_SECONDS
    while not service.is_healthy():
        service.fail_if_ended()
        if time.monotonic() > deadline:
            raise BenchFailed(f"the {service.name} was not ready in time\n{service.last_words()}")
        time.sleep(POLL_SECONDS)  # noqa: TID251 - a script of its own, there is no loop to block


@dataclass(frozen=True)
class Site:
    """Ports, secrets and the environment of both services over one data folder."""

    folder: Path
    api_port: int
    calculator_port: int
    secret: str
    environment: dict[str, str]

    @contextmanager
    def calculator(self) -> Iterator[Server]:
        """The calculator, ready."""
        headers = {"X-Calculator-Secret": self.secret}
        with serving(
            "calculator", "app.calculator.main", self.folder, self.environment, self.calculator_port, headers
        ) as server:
            yield server

    @contextmanager
    def api(self) -> Iterator[Server]:
        """The API, ready; it wants its calculator to be."""
        with serving("api", "app.main", self.folder, self.environment, self.api_port) as server:
            yield server

    @contextmanager
    def both(self) -> Iterator[tuple[Server, Server]]:
        """API and calculator."""
        with ExitStack() as stack:
            calculator = stack.enter_context(self.calculator())
            yield stack.enter_context(self.api()), calculator


def site(
    folder: Path, *, database_url: str | None = None, bytecode: Path | None = None, **settings: str
) -> Site:
    """A data folder with everything decided here: nothing of this machine's own settings takes part.

    ``bytecode`` is where compiled modules are kept from one start to the next, as they are on a machine that
    does not forbid Python to keep them; ``settings`` are further ones without their prefix, such as
    ``calculator__children="1"``.
    """
    api_port, calculator_port = free_port(), free_port()
    secret = secrets.token_urlsafe(48)
    decided = {
        "environment": "development",
        "data_dir": str(folder),
        "server__host": "127.0.0.1",
        "server__port": str(api_port),
        "server__base_path": "",
        "database__url": database_url or f"sqlite+aiosqlite:///{folder / 'bench.db'}",
        "storage__url": str(folder / "files"),
        "auth__secret": secret,
        "calculator__url": f"http://127.0.0.1:{calculator_port}",
        "calculator__host": "127.0.0.1",
        "calculator__port": str(calculator_port),
        "calculator__secret": secret,
        "limits__enabled": "false",  # one address asks as often as it can
        **settings,
    }
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(PREFIX) and name != "PYTHONDONTWRITEBYTECODE"
    }
    ours = {PREFIX + name.upper(): value for name, value in decided.items()}
    kept = bytecode or Path(os.environ.get(BYTECODE) or folder / "bytecode")
    ours[BYTECODE] = str(kept)
    return Site(folder, api_port, calculator_port, secret, plain | ours)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
