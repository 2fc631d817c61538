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
from dataclasses import dataclass
from typing import Any

from app.calculator.children.child import find_job, live
from app.calculator.children.protocol import Order, decode_order, encode

_MOST_DESCRIPTORS = 16
_READ_BYTES = 65_536
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_KEPT_BLOCK_BYTES = 32 * 2**20
_KEPT_HEAP_BYTES = 512 * 2**20


@dataclass
class _Running:
    pid: int
    deadline: float
    late: bool = False


class ForkServer:
    """Orders in, children out, exits back."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.running: dict[int, _Running] = {}
        self.descriptors: list[int] = []
        self.unread = b""
        self.woken, self.waker = socket.socketpair()

    def serve(self) -> None:
        """Until the service is gone."""
        self.woken.setblocking(False)
        self.waker.setblocking(False)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service decides
        with selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ)
            selector.register(self.woken, selectors.EVENT_READ)
            self._say({"ready": os.getpid()})
            while self._turn(selector):
                pass
        self._stop_all()

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        ready = {key.fileobj for key, _ in selector.select(self._patience())}
        if self.woken in ready:
            self.woken.recv(_READ_BYTES)
        if self.control in ready and not self._listen():
            return False
        self._stop_late()
        self._bury()
        return True

    def _patience(self) -> float | None:
        deadlines = [child.deadline for child in self.running.values() if not child.late]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _listen(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, _READ_BYTES, _MOST_DESCRIPTORS)
        if not data:
            return False
        self.descriptors += descriptors
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "start" in message:
                self._fork(decode_order(message["start"]))
            else:
                self._stop(self.running.get(message["stop"]))
        return True

    def _fork(self, order: Order) -> None:
        channel = socket.socket(fileno=self.descriptors.pop(0))
        file = self.descriptors.pop(0) if order.has_file else None
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            self._forget(channel)
            live(order, channel, file, parent)
        channel.close()
        if file is not None:
            os.close(file)
        self.running[order.number] = _Running(pid, time.monotonic() + order.limits.wall_seconds)

    def _forget(self, channel: socket.socket) -> None:
        """In the child: let go of everything that belongs to the server."""
        signal.set_wakeup_fd(-1)
        self.control.close()
        self.woken.close()
        self.waker.close()
        for descriptor in self.descriptors:
            os.close(descriptor)
        channel.setblocking(True)

    def _stop_late(self) -> None:
        now = time.monotonic()
        for child in self.running.values():
            if child.deadline <= now and not child.late:
                child.late = True
                self._stop(child)

    def _stop(self, child: _Running | None) -> None:
        """Kill the child and everything it started; it is not buried yet, so its number is still its own."""
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)

    def _bury(self) -> None:
        for number, child in list(self.running.items()):
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            self._stop(child)
            _, status = os.waitpid(child.pid, 0)
            del self.running[number]
            self._say({"ended": number, "status": status, "late": child.late})

    def _stop_all(self) -> None:
        for child in self.running.values():
            self._stop(child)
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
    """Call what is to be ready in every child, then serve on the inherited socket."""
    number, *preparations = arguments
    control = socket.socket(fileno=int(number))
    _keep_freed_memory()
    for name in preparations:
        find_job(name)()
    gc.collect()
    gc.freeze()  # children share the pages instead of copying them at their first collection
    ForkServer(control).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
