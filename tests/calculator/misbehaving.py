"""Jobs for children that hang, die, lie or grow: what a parser may do."""

import ctypes
import itertools
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.calculator.children import jobs
from app.calculator.errors import CadInvalid

Report = Callable[[dict[str, Any]], None]

DIED_ALREADY = "TEST_DIED_ALREADY"


def prepare() -> None:
    """Nothing to import."""


REHEARSED: list[str] = []


def rehearse() -> tuple[Callable[[], Iterator[None]], ...]:
    """The first rehearsal fails, which is no reason not to go on."""

    def stumble() -> Iterator[None]:
        REHEARSED.append("stumbled")
        yield
        raise ValueError

    def go_on() -> Iterator[None]:
        REHEARSED.append("went on")
        yield

    return stumble, go_on


def rehearse_for_ever() -> tuple[Callable[[], Iterator[None]], ...]:
    """A rehearsal that must be left for an order."""
    return (lambda: itertools.repeat(None),)


def rehearsed(report: Report) -> dict[str, Any]:
    return {"rehearsed": REHEARSED}


def lose_the_first_child() -> None:
    """The first child of the first server is killed before it can speak."""
    _die_once(os.getpid)


def lose_the_first_server() -> None:
    """The first server is killed while its first child is about to speak."""
    _die_once(os.getppid)


def _die_once(victim: Callable[[], int]) -> None:
    flag, honest = Path(os.environ[DIED_ALREADY]), jobs.ping

    def ping(report: Report) -> dict[str, Any]:
        if not flag.exists():
            flag.touch()
            os.kill(victim(), signal.SIGKILL)
            signal.pause()
        return honest(report)

    setattr(jobs, "ping", ping)  # noqa: B010 - mypy knows that functions of a module stay


def refuse_to_start() -> None:
    raise SystemExit(3)


def echo(report: Report, **arguments: Any) -> dict[str, Any]:
    return dict(arguments)


def read(report: Report, path: Path) -> dict[str, Any]:
    return {"content": path.read_text(encoding="utf-8")}


def hang(report: Report, mark: str | None = None) -> dict[str, Any]:
    report({"known": 1})
    if mark is not None:
        Path(mark).write_text(str(os.getpid()), encoding="ascii")
    while True:
        signal.pause()


def spin(report: Report) -> dict[str, Any]:
    while True:
        pass


def die(report: Report) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def die_from_outside(report: Report) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def report_and_die(report: Report) -> dict[str, Any]:
    report({"known": 1})
    report({"known": 2})
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def leave(report: Report) -> dict[str, Any]:
    os._exit(0)


def refuse(report: Report) -> dict[str, Any]:
    raise CadInvalid("no part")


def fail(report: Report) -> dict[str, Any]:
    raise LookupError("parser")


def grow(report: Report) -> dict[str, Any]:
    kept = [bytearray(2**20) for _ in range(4096)]
    return {"kept": len(kept)}


def chatter(report: Report) -> dict[str, Any]:
    while True:
        report({"noise": "x" * 100_000})


def infinite(report: Report) -> dict[str, Any]:
    return {"volume": float("nan")}


def write(report: Report, path: str) -> dict[str, Any]:
    Path(path).write_bytes(b"x")
    return {}


def copy(report: Report, path: Path, output: Path) -> dict[str, Any]:
    return {"written": output.write_bytes(path.read_bytes())}


def flood(report: Report, output: Path) -> dict[str, Any]:
    with output.open("wb") as file:
        while True:
            file.write(bytes(100_000))


def limits(report: Report) -> dict[str, Any]:
    return {
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0],
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "leads_its_group": os.getpgrp() == os.getpid(),
        "open": [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()],
    }


def spawn(report: Report, mark: str) -> dict[str, Any]:
    """Leaves a grandchild behind and ends."""
    sleeper = subprocess.Popen(["sleep", "600"])
    Path(mark).write_text(str(sleeper.pid), encoding="ascii")
    return {}
