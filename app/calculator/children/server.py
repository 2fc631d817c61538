"""The fork server: a process with the CAD kernel imported that forks one child per order and buries it.

Started as ``python -m app.calculator.children.server <socket> <module:function>...``. It ends, and
every child with it, as soon as the service closes its side of the socket, however the service ended.
"""

import contextlib
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.calculator.children.child import Rehearsal, find_job, live
from app.calculator.children.protocol import Order, decode_order, encode, encode_order

_MOST_DESCRIPTORS = 16
_READ_BYTES = 65_536
_CORES = os.cpu_count() or 1
"""With as many children at work a rehearsal would take from them more than it gives to the next."""
_PEACE_SECONDS = 0.1
"""So long nobody gets ready beside a child that has just begun: most are done by then, and quicker for it."""
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_KEPT_BLOCK_BYTES = 32 * 2**20
_KEPT_HEAP_BYTES = 512 * 2**20


@dataclass
class _Running:
    pid: int
    deadline: float
    late: bool = False


@dataclass(frozen=True)
class _Waiting:
    pid: int
    letterbox: socket.socket


class ForkServer:
    """Orders in, children out, exits back."""

    def __init__(self, control: socket.socket, rehearsals: Sequence[Rehearsal]) -> None:
        self.control = control
        self.rehearsals = rehearsals
        self.running: dict[int, _Running] = {}
        self.descriptors: list[int] = []
        self.unread = b""
        self.waiting: _Waiting | None = None
        self.peace_until = 0.0
        self.selector = selectors.DefaultSelector()
        self.woken, self.waker = socket.socketpair()

    def serve(self) -> None:
        """Until the service is gone."""
        self.woken.setblocking(False)
        self.waker.setblocking(False)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service decides
        self.selector.register(self.control, selectors.EVENT_READ)
        self.selector.register(self.woken, selectors.EVENT_READ)
        self._say({"ready": os.getpid()})
        while self._turn():
            pass
        self._stop_all()

    def _turn(self) -> bool:
        ready = {key.fileobj for key, _ in self.selector.select(self._patience())}
        if self.woken in ready:
            self.woken.recv(_READ_BYTES)
        if self.control in ready and not self._listen():
            return False
        self._stop_late()
        self._bury()
        if self.waiting is None and (not self.running or self.peace_until <= time.monotonic()):
            self._fork()
        return True

    def _patience(self) -> float | None:
        deadlines = [child.deadline for child in self.running.values() if not child.late]
        if self.waiting is None:
            deadlines.append(self.peace_until)
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _listen(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self.control, _READ_BYTES, _MOST_DESCRIPTORS)
        except ConnectionError:
            return False  # the service left without reading our last word
        if not data:
            return False
        self.descriptors += descriptors
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "start" in message:
                self._start(decode_order(message["start"]))
            else:
                self._stop(message["stop"])
        return True

    def _start(self, order: Order) -> None:
        """Hand the order to the child in waiting; if that one has died meanwhile, to a new one."""
        descriptors = self.descriptors[: 1 + len(order.handed_over)]
        try:
            self._hand_over(order, descriptors)
        except OSError:
            self._dismiss()
            self._hand_over(order, descriptors)
        finally:
            del self.descriptors[: len(descriptors)]  # only now: whoever is born meanwhile closes them
            for descriptor in descriptors:
                os.close(descriptor)

    def _hand_over(self, order: Order, descriptors: list[int]) -> None:
        waiting = self.waiting or self._fork()
        socket.send_fds(waiting.letterbox, [encode_order(order)], descriptors)
        waiting.letterbox.close()
        self.waiting = None
        now = time.monotonic()
        self.running[order.number] = _Running(waiting.pid, now + order.limits.wall_seconds)
        self.peace_until = now + _PEACE_SECONDS

    def _fork(self) -> "_Waiting":
        """A child that waits for an order: the next one need not wait for the fork."""
        letterbox, theirs = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            letterbox.close()
            self._forget()
            live(theirs, parent, self.rehearsals if len(self.running) < _CORES else ())
        theirs.close()
        self.waiting = _Waiting(pid, letterbox)
        return self.waiting

    def _forget(self) -> None:
        """In the child: let go of everything that belongs to the server."""
        signal.set_wakeup_fd(-1)
        self.selector.close()
        for mine in (self.control, self.woken, self.waker):
            mine.close()
        for descriptor in self.descriptors:
            os.close(descriptor)

    def _dismiss(self) -> None:
        """Let go of the child in waiting: without a letterbox it leaves."""
        if self.waiting is not None:
            self.waiting.letterbox.close()
            self._kill(self.waiting.pid)
            os.waitpid(self.waiting.pid, 0)
            self.waiting = None

    def _stop_late(self) -> None:
        now = time.monotonic()
        for child in self.running.values():
            if child.deadline <= now and not child.late:
                child.late = True
                self._kill(child.pid)

    def _stop(self, number: int) -> None:
        child = self.running.get(number)
        if child is not None:
            self._kill(child.pid)

    def _kill(self, pid: int) -> None:
        """Kill the child and everything it started; it is not buried yet, so its number is still its own."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

    def _bury(self) -> None:
        for number, child in list(self.running.items()):
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            self._kill(child.pid)
            _, status = os.waitpid(child.pid, 0)
            del self.running[number]
            self._say({"ended": number, "status": status, "late": child.late})

    def _stop_all(self) -> None:
        self._dismiss()
        for child in self.running.values():
            self._kill(child.pid)
            os.waitpid(child.pid, 0)

    def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.control.sendall(encode(message))


def _keep_freed_memory() -> None:
    """Let malloc reuse large blocks instead of returning them: page faults were half of a mesh's time."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _KEPT_BLOCK_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_HEAP_BYTES)


def main(arguments: list[str]) -> None:
    """Call what is to be ready in every child, then serve on the inherited socket.

    A preparation may return what every child rehearses while it waits for its order.
    """
    number, *preparations = arguments
    control = socket.socket(fileno=int(number))
    _keep_freed_memory()
    rehearsals: list[Rehearsal] = []
    for name in preparations:
        rehearsals += find_job(name)() or ()
    gc.collect()
    gc.freeze()  # children share the pages instead of copying them at their first collection
    ForkServer(control, rehearsals).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
