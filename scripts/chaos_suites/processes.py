"""Processes of a run: started in groups of their own, marked, killed, and searched for afterwards (Linux)."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.local.services import Prctl

MARK = "CHAOS_RUN"
"""Environment variable that every process of a run inherits, also those whose parents were killed."""
POLL_SECONDS = 0.02
STOP_SECONDS = 25.0
LAST_LINES = 20
STATE = 0
PARENT = 1
STARTED = 19


class Ended(Exception):
    """A process ended that should have stayed; the message holds its last words."""


def free_port() -> int:
    """A TCP port of loopback nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """One process in a session of its own, its output in a log file; it dies with us.

    Start it from the thread that lives as long as the run: the kernel ends it with that thread.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        log: Path,
        *,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=log.parent,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                preexec_fn=Prctl(),  # noqa: PLW1509 - it only makes one system call
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs; buries it when it does not."""
        return self.process.poll() is None

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL to the process alone, and bury it; what it leaves behind is not touched."""
        self.process.kill()
        self.process.wait()
        self._close()

    async def ended_within(self, seconds: float) -> bool:
        """Whether it ended by itself in this time."""
        return await until(lambda: not self.is_alive, seconds)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, wait, and kill its group if it does not; its exit status."""
        if self.is_alive:
            self.process.send_signal(number)
        await self.ended_within(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._close()
        return self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:]) or "(nothing was logged)"

    def ensure_alive(self) -> None:
        """Raise ``Ended`` when it is not."""
        if not self.is_alive:
            raise Ended(f"{self.name} ended with status {self.process.returncode}:\n{self.last_words()}")

    def _close(self) -> None:
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()


async def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to hold in this time; asked again every moment."""
    for _ in range(int(seconds / POLL_SECONDS)):
        if holds():
            return True
        await asyncio.sleep(POLL_SECONDS)
    return holds()


def python(*arguments: str) -> list[str]:
    """A command of the Python that runs us."""
    return [sys.executable, *arguments]


def marked(mark: str) -> dict[int, str]:
    """Every living process of the run, whoever its parent is by now: its number and its command line."""
    wanted = f"{MARK}={mark}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                )
        except OSError:  # it ended while we looked, or is nobody's we may look at
            continue
    return found


def children_of(pid: int) -> list[int]:
    """The direct children of a process, buried or not."""
    return sorted(child for child, fields in _statuses().items() if int(fields[PARENT]) == pid)


def zombies_below(pid: int) -> list[int]:
    """Dead children, grandchildren and so on of a process that nobody buried."""
    statuses = _statuses()
    family = {pid}
    while more := {child for child, fields in statuses.items() if int(fields[PARENT]) in family} - family:
        family |= more
    return sorted(one for one in family - {pid} if statuses[one][STATE] == "Z")


def described(pid: int) -> str:
    """A process in few words: its state, its age in seconds, its name."""
    with contextlib.suppress(OSError, IndexError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[STARTED]) / os.sysconf("SC_CLK_TCK")
        return f"{fields[STATE]} {age:.0f}s {stat[stat.index('(') :].partition(')')[0]})"
    return "gone"


def _statuses() -> dict[int, list[str]]:
    """State, parent and so on of every process, as in ``/proc/<pid>/stat`` behind the name."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    return found
