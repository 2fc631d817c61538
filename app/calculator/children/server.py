"""The fork server: a process with the CAD kernel imported that forks children and buries them.

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
from app.calculator.children.protocol import encode

_MOST_DESCRIPTORS = 16
_READ_BYTES = 65_536
_CORES = os.cpu_count() or 1
"""With as many children at work a rehearsal would take from them more than it gives to the next."""
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_KEPT_BLOCK_BYTES = 32 * 2**20
_KEPT_HEAP_BYTES = 512 * 2**20


@dataclass
class _Child:
    pid: int
    deadline: float | None = None
    late: bool = False


class ForkServer:
    """Letterboxes in, children out, exits back."""

    def __init__(self, control: socket.socket, rehearsals: Sequence[Rehearsal]) -> None:
        self.control = control
        self.rehearsals = rehearsals
        self.children: dict[int, _Child] = {}
        self.letterboxes: list[int] = []
        self.unread = b""
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
        return True

    def _patience(self) -> float | None:
        deadlines = [c.deadline for c in self.children.values() if c.deadline is not None and not c.late]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _listen(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self.control, _READ_BYTES, _MOST_DESCRIPTORS)
        except ConnectionError:
            return False  # the service left without reading our last word
        if not data:
            return False
        self.letterboxes += descriptors
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "fork" in message:
                self._fork(message["fork"])
            elif "begun" in message:
                self._begin(message["begun"], message["wall_seconds"])
            else:
                self._stop(message["stop"])
        return True

    def _fork(self, number: int) -> None:
        """A child that waits for its order: whoever brings one need not wait for the fork."""
        letterbox = socket.socket(fileno=self.letterboxes.pop(0))
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            self._forget()
            at_work = sum(child.deadline is not None for child in self.children.values())
            live(letterbox, parent, self.rehearsals if at_work < _CORES else ())
        letterbox.close()
        self.children[number] = _Child(pid)

    def _forget(self) -> None:
        """In the child: let go of everything that belongs to the server."""
        signal.set_wakeup_fd(-1)
        self.selector.close()
        for mine in (self.control, self.woken, self.waker):
            mine.close()
        for descriptor in self.letterboxes:
            os.close(descriptor)

    def _begin(self, number: int, wall_seconds: float) -> None:
        """The clock runs from now on, unless the child is buried already."""
        if number in self.children:
            self.children[number].deadline = time.monotonic() + wall_seconds

    def _stop_late(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            if child.deadline is not None and child.deadline <= now and not child.late:
                child.late = True
                self._kill(child.pid)

    def _stop(self, number: int) -> None:
        child = self.children.get(number)
        if child is not None:
            self._kill(child.pid)

    def _kill(self, pid: int) -> None:
        """Kill the child and everything it started; it is not buried yet, so its number is still its own."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

    def _bury(self) -> None:
        for number, child in list(self.children.items()):
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            self._kill(child.pid)
            _, status = os.waitpid(child.pid, 0)
            del self.children[number]
            self._say({"ended": number, "status": status, "late": child.late})

    def _stop_all(self) -> None:
        for child in self.children.values():
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
