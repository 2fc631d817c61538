"""The service's side: orders children, hears them out, and sees to it that none outlives its order."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import structlog

from app.calculator.children.protocol import (
    ANSWER_BYTES,
    Ending,
    Exit,
    Limits,
    Order,
    Says,
    encode,
    encode_order,
)
from app.calculator.errors import Busy

PING = "app.calculator.children.jobs:ping"
PING_LIMITS = Limits(wall_seconds=5, cpu_seconds=5, memory_bytes=64 * 2**20)

_READ_BYTES = 65_536
_BURIAL_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
_SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a child left behind: its answer, or its last stage and how it ended."""

    ending: Ending
    answer: dict[str, Any] = field(default_factory=dict)
    stage: dict[str, Any] | None = None


class ChildrenGone(Exception):
    """The fork server died under the job; it is being started anew."""


class Children:
    """A bounded number of children at a time, a bounded queue before them."""

    def __init__(self, prepare: Sequence[str], *, most: int, queue: int) -> None:
        self.prepare = tuple(prepare)
        self.queue = queue
        self.waiting = 0
        self._slots = asyncio.Semaphore(most)
        self._server: _Server | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._started = asyncio.Event()

    @property
    def running(self) -> int:
        """Children alive now."""
        return len(self._server.exits) if self._server else 0

    @property
    def is_up(self) -> bool:
        """The fork server has imported everything and takes orders."""
        return self._started.is_set()

    @property
    def server_pid(self) -> int | None:
        """The process id of the fork server."""
        return self._server.pid if self._server else None

    async def start(self) -> None:
        """Begin to start the fork server; orders wait until it is up."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the fork server and with it every child; returns when they are gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self._started.clear()

    def check_room(self) -> None:
        """Raise ``Busy`` when the queue is full."""
        if self._slots.locked() and self.waiting >= self.queue:
            raise Busy(f"{self.waiting} parts are waiting already")

    async def run(
        self, job: str, arguments: dict[str, Any], limits: Limits, file: BinaryIO | None = None
    ) -> Outcome:
        """Run one job in one child. Cancelling kills the child; it is buried before this returns.

        Raises ``Busy`` when the queue is full and ``ChildrenGone`` when the fork server died.
        """
        async with self._slot():
            await self._started.wait()
            if self._server is None:
                raise ChildrenGone
            return await self._server.run(job, arguments, limits, file)

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        self.check_room()
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def _keep(self) -> None:
        """Start the fork server again whenever it dies, at a growing pace."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            self._server = await self._launch()
            try:
                async for _ in self._server.live():
                    self._started.set()
                    pause = _FIRST_PAUSE_SECONDS
            finally:
                self._started.clear()
                await self._server.end()
                self._server = None
            log.error("fork-server-died", restart_in_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _launch(self) -> "_Server":
        """A new fork server; when cancelled half-way, it is ended before that shows."""
        launching = asyncio.create_task(_Server.launch(self.prepare))
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            await (await launching).end()
            raise


class _Server:
    """One life of the fork server."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self.process = process
        self.control = control
        self.exits: dict[int, asyncio.Future[Exit]] = {}
        self._unread = b""
        self._orders = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    @classmethod
    async def launch(cls, prepare: Sequence[str]) -> "_Server":
        control, theirs = socket.socketpair()
        control.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app.calculator.children.server", str(theirs.fileno()), *prepare),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, **_SINGLE_THREADED, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except BaseException:
            control.close()
            raise
        finally:
            theirs.close()
        return cls(process, control)

    async def live(self) -> AsyncIterator[None]:
        """Yields once a first child has lived and spoken; ends when the server is gone."""
        if await self._hear() is None:
            return
        listening = asyncio.create_task(self._listen())
        try:
            if (await self.run(PING, {}, PING_LIMITS, None)).ending is Ending.done:
                yield
            await listening
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        """Pass exits on until the server is gone."""
        while (message := await self._hear()) is not None:
            ended = self.exits.pop(message["ended"], None)
            if ended is not None and not ended.done():
                ended.set_result(Exit(message["status"], message["late"]))

    async def end(self) -> None:
        """Close the socket, which ends the server, and wait for it; kill it if it does not listen."""
        self.control.close()
        for ended in self.exits.values():
            if not ended.done():
                ended.set_exception(ChildrenGone())
                ended.exception()  # seen: the job may be past caring
        self.exits.clear()
        try:
            await asyncio.wait_for(self.process.wait(), _BURIAL_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def run(
        self, job: str, arguments: dict[str, Any], limits: Limits, file: BinaryIO | None
    ) -> Outcome:
        self._orders += 1
        order = Order(self._orders, job, arguments, limits, has_file=file is not None)
        ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        channel, theirs = socket.socketpair()
        channel.setblocking(False)
        descriptors = [theirs.fileno()] if file is None else [theirs.fileno(), file.fileno()]
        try:
            socket.send_fds(self.control, [encode_order(order)], descriptors)
            self.exits[order.number] = ended
        except OSError as error:
            channel.close()
            raise ChildrenGone from error
        finally:
            theirs.close()
        outcome: Outcome | None = None
        try:
            lines = await _hear_out(channel)
            if lines is None:
                self._stop(order.number)
            stage, outcome = _last_word(lines or [])
            return outcome or Outcome(_ending_of(await asyncio.shield(ended)), stage=stage)
        finally:
            channel.close()
            if outcome is None and not ended.done():
                await self._bury(order.number, ended)

    async def _bury(self, number: int, ended: asyncio.Future[Exit]) -> None:
        """Nobody waits for the child any more: stop it, and the whole server if that does not help."""
        self._stop(number)
        await asyncio.wait({ended}, timeout=_BURIAL_SECONDS)
        if not ended.done():
            self.process.kill()

    def _stop(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self.control.send(encode({"stop": number}))

    async def _hear(self) -> dict[str, Any] | None:
        """The next message, ``None`` when the server is gone."""
        loop = asyncio.get_running_loop()
        while b"\n" not in self._unread:
            try:
                data = await loop.sock_recv(self.control, _READ_BYTES)
            except OSError:
                data = b""
            if not data:
                return None
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message


async def _hear_out(channel: socket.socket) -> list[bytes] | None:
    """Everything the child says until it closes its side; ``None`` when it says too much."""
    loop = asyncio.get_running_loop()
    heard = bytearray()
    while data := await _receive(loop, channel):
        heard += data
        if len(heard) > ANSWER_BYTES:
            return None
    return bytes(heard).split(b"\n")[:-1]


async def _receive(loop: asyncio.AbstractEventLoop, channel: socket.socket) -> bytes:
    try:
        return await loop.sock_recv(channel, _READ_BYTES)
    except ConnectionError:
        return b""


def _last_word(lines: list[bytes]) -> tuple[dict[str, Any] | None, Outcome | None]:
    """The last stage, and the outcome if the child could still tell it: then it is on its way out."""
    stage: dict[str, Any] | None = None
    for line in lines:
        message = json.loads(line)
        if Says.stage in message:
            stage = message[Says.stage]
            continue
        word, answer = next(iter(message.items()))
        return stage, Outcome(Ending(word), answer, stage)
    return stage, None


def _ending_of(ended: Exit) -> Ending:
    if ended.late:
        return Ending.out_of_time
    if os.WIFSIGNALED(ended.status) and os.WTERMSIG(ended.status) == signal.SIGXCPU:
        return Ending.out_of_time
    return Ending.crashed
