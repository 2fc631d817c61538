"""Both services as children: started, awaited, watched, stopped. Standard library only."""

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.local.machine import SetupError
from scripts.local.venv import ROOT

STOP_SECONDS = 25.0
"""A service finishes its requests in 20 s; what is still there afterwards is killed."""
GONE_SECONDS = 5.0
"""How long a killed process may take to give its memory back."""
PROBE_SECONDS = 5.0
POLL_SECONDS = 0.2
LARGEST_LOG_BYTES = 20_000_000
LAST_LINES = 20
PR_SET_PDEATHSIG = 1

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Loopback is never asked through a proxy."""


class ServiceFailed(Exception):
    """A service ended or never became healthy; the message says which and shows its last words."""


class Service:
    """One child process in a session of its own, its output in a log file."""

    def __init__(
        self,
        name: str,
        module: str,
        log: Path,
        health_url: str,
        health_headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.module = module
        self.health = urllib.request.Request(health_url, headers=dict(health_headers or {}))  # noqa: S310 - ours
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, python: Path, environment: Mapping[str, str]) -> None:
        """Start it; it dies with this process, however that ends (Linux)."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(python), "-m", self.module],
                cwd=ROOT,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - we have one thread and only call prctl
            )

    @property
    def pid(self) -> int | None:
        """Its process, once started."""
        return self._process.pid if self._process else None

    def is_healthy(self) -> bool:
        """Whether it says that it can do its work."""
        try:
            with DIRECT.open(self.health, timeout=PROBE_SECONDS) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - OK
        except (urllib.error.URLError, OSError):
            return False

    def fail_if_ended(self) -> None:
        """Raise ``ServiceFailed`` with its last words when it is not running any more."""
        code = self._process.poll() if self._process else None
        if code is not None:
            raise ServiceFailed(f"The {self.name} ended with status {code}.\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of its log."""
        lines = (
            self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        )
        shown = "\n".join(f"  {line}" for line in lines[-LAST_LINES:]) or "  (nothing was logged)"
        return f"{self.log}:\n{shown}"

    def stop(self) -> None:
        """Ask it to stop, wait, and leave nothing of its process group behind."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it and all its children now; returns when they are gone."""
        process = self._process
        if process is None:
            return
        deadline = time.monotonic() + GONE_SECONDS
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            while time.monotonic() < deadline:
                os.killpg(process.pid, 0)
                pause()
        process.wait()


def wait_until_healthy(services: Sequence[Service], limit_seconds: float) -> None:
    """Until all are healthy; raises ``ServiceFailed`` when one ends or the time is up."""
    deadline = time.monotonic() + limit_seconds
    waiting = list(services)
    while waiting:
        for service in services:
            service.fail_if_ended()
        waiting = [service for service in waiting if not service.is_healthy()]
        if waiting and time.monotonic() > deadline:
            raise ServiceFailed(
                f"The {waiting[0].name} is not healthy after {limit_seconds:.0f} seconds.\n"
                f"{waiting[0].last_words()}"
            )
        pause()


def watch(services: Sequence[Service]) -> None:
    """For ever; raises ``ServiceFailed`` when a service ends by itself."""
    while True:
        for service in services:
            service.fail_if_ended()
        pause()


def pause() -> None:
    """A moment between two looks."""
    time.sleep(POLL_SECONDS)  # noqa: TID251 - a script of its own, there is no loop to block


def ensure_port_is_free(host: str, port: int, option: str) -> None:
    """Raise ``SetupError`` with one sentence when the port cannot be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"Port {port} on {host} is already in use; choose another with {option}."
        else:
            reason = f"Port {port} on {host} cannot be listened on ({error.strerror}); see {option}."
        raise SetupError(reason) from error


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder; raises ``SetupError`` when another start holds it."""
    with (data_dir / "run.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise SetupError(
                f"Millwright already runs on {data_dir} (process {lock.read().strip() or 'unknown'}); "
                "stop it first or choose another --data-dir."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _die_with_parent() -> "Prctl | None":
    """What the child calls before it becomes the service: the kernel ends it when we end."""
    return Prctl() if sys.platform.startswith("linux") else None


class Prctl:
    """Prepared here, so that the child between fork and exec only makes the call."""

    def __init__(self) -> None:
        self._prctl = ctypes.CDLL(None).prctl

    def __call__(self) -> None:
        """Ask for SIGTERM at the death of the parent."""
        self._prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
