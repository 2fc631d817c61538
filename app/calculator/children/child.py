"""Life of a child, from the fork to its last word."""

import ctypes
import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.calculator.children.protocol import Limits, Order, Says, decode_order, encode
from app.calculator.errors import CalculatorError

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_IS_LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None, use_errno=True) if _IS_LINUX else None

_LONGEST_ORDER = 65_536
_MOST_DESCRIPTORS = 3

Report = Callable[[dict[str, Any]], None]
Rehearsal = Callable[[], Iterator[object]]
"""Work like that of an order, done while waiting for one: forked memory is copied as it is written to.

It may be left after every step.
"""


def live(letterbox: socket.socket, parent: int, rehearsals: Iterable[Rehearsal] = ()) -> None:
    """Wait for the one order of this life, run it and tell the outcome; never returns."""
    code = 1
    try:
        _detach(parent)
        gc.disable()  # short-lived: the process is the arena
        _rehearse(letterbox, rehearsals)
        born_with_bytes = _address_space_bytes()
        data, descriptors, _, _ = socket.recv_fds(letterbox, _LONGEST_ORDER, _MOST_DESCRIPTORS)
        letterbox.close()
        if data:
            order = decode_order(data)
            channel, *files = descriptors
            _set_limits(order.limits, born_with_bytes)
            code = _work(order, socket.socket(fileno=channel), files)
    finally:
        os._exit(code)


def _detach(parent: int) -> None:
    """A session of its own, no output, dead as soon as the fork server is."""
    os.setsid()
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _rehearse(letterbox: socket.socket, rehearsals: Iterable[Rehearsal]) -> None:
    """One step after the other until the order is there; one that fails is no reason not to take it."""
    for rehearsal in rehearsals:
        with suppress(Exception):
            for _ in rehearsal():
                if select.select([letterbox], [], [], 0)[0]:
                    return


def _set_limits(limits: Limits, born_with_bytes: int) -> None:
    os.nice(limits.niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written_bytes, limits.written_bytes))
    if _IS_LINUX:
        most = born_with_bytes + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _address_space_bytes() -> int:
    if not _IS_LINUX:
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _work(order: Order, channel: socket.socket, files: list[int]) -> int:
    channel.setblocking(True)
    try:
        channel.sendall(_outcome(order, channel, files))
        channel.close()  # before the exit, which takes milliseconds to give back the memory
    except OSError:
        return 1  # nobody listens any more
    return 0


def _outcome(order: Order, channel: socket.socket, files: list[int]) -> bytes:
    def report(facts: dict[str, Any]) -> None:
        channel.sendall(encode({Says.stage: facts}))

    try:
        arguments = dict(order.arguments)
        for name, descriptor in zip(order.handed_over, files, strict=True):
            arguments[name] = Path(f"/dev/fd/{descriptor}")
        return encode({Says.done: find_job(order.job)(report, **arguments)})
    except CalculatorError as refusal:
        return encode({Says.refused: {"code": refusal.code, "detail": refusal.detail}})
    except MemoryError:
        return encode({Says.out_of_memory: {}})
    except Exception as error:  # noqa: BLE001 - whatever a parser throws must become an answer
        return encode({Says.failed: {"error": f"{type(error).__name__}: {error}"[:500]}})


def find_job(name: str) -> Callable[..., Any]:
    """The function behind ``package.module:function``."""
    module, _, function = name.partition(":")
    job: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return job
