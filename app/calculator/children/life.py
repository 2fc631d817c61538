"""One life of the fork server, seen from the service: start it, order children, hear them out, end it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any, BinaryIO

from app.calculator.children.protocol import (
    ANSWER_BYTES,
    Ending,
    Exit,
    Limits,
    Order,
    Outcome,
    Says,
    encode,
    encode_order,
)

PING = "app.calculator.children.jobs:ping"
PING_LIMITS = Limits(wall_seconds=5, cpu_seconds=5, memory_bytes=64 * 2**20)

_READ_BYTES = 65_536
_BURIAL_SECONDS = 5.0
_SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class ChildrenGone(Exception):
    """The fork server died under the job; it is being started anew."""


class ServerLife:
    """One life of the fork server."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self.process = process
        self.control = control
        self.exits: dict[int, asyncio.Future[Exit]] = {}
        self._unread = b""
        self._orders = 0

    @property
    def pid(self) -> int:
        """The process id of the fork server."""
        return self.process.pid

    @classmethod
    async def launch(cls, prepare: Sequence[str]) -> "ServerLife":
        """Start the process; it imports and warms up by itself."""
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
            if await self._first_child_speaks():
                yield
                await listening
        finally:
            listening.cancel()

    async def _first_child_speaks(self) -> bool:
        try:
            return (await self.run(PING, {}, PING_LIMITS)).ending is Ending.done
        except ChildrenGone:
            return False

    async def _listen(self) -> None:
        """Pass exits on until the server is gone, and tell everybody who waits for one more."""
        while (message := await self._hear()) is not None:
            ended = self.exits.pop(message["ended"], None)
            if ended is not None and not ended.done():
                ended.set_result(Exit(message["status"], message["late"]))
        self._give_up()

    def _give_up(self) -> None:
        for ended in self.exits.values():
            if not ended.done():
                ended.set_exception(ChildrenGone())
                ended.exception()  # seen: the job may be past caring
        self.exits.clear()

    async def end(self) -> None:
        """Close the socket, which ends the server, and wait for it; kill it if it does not listen."""
        self.control.close()
        self._give_up()
        try:
            await asyncio.wait_for(self.process.wait(), _BURIAL_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def run(
        self,
        job: str,
        arguments: dict[str, Any],
        limits: Limits,
        file: BinaryIO | None = None,
        output: BinaryIO | None = None,
    ) -> Outcome:
        """Order one child and hear it out. Cancelling kills the child and waits for its burial."""
        self._orders += 1
        order = Order(
            self._orders, job, arguments, limits, has_file=file is not None, has_output=output is not None
        )
        ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        channel, theirs = socket.socketpair()
        channel.setblocking(False)
        descriptors = [theirs.fileno(), *(given.fileno() for given in (file, output) if given is not None)]
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
            if outcome is None:
                exit_seen = await asyncio.shield(ended)
                outcome = Outcome(_ending_of(exit_seen, stopped=lines is None), stage=stage)
            return outcome
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
    """What all stages told together, and the outcome if the child could still tell it on its way out."""
    stage: dict[str, Any] | None = None
    for line in lines:
        message = json.loads(line)
        if Says.stage in message:
            stage = {**(stage or {}), **message[Says.stage]}
            continue
        word, answer = next(iter(message.items()))
        return stage, Outcome(Ending(word), answer, stage)
    return stage, None


def _ending_of(ended: Exit, *, stopped: bool) -> Ending:
    """What the exit tells; ``stopped``: a SIGKILL was ours."""
    number = os.WTERMSIG(ended.status) if os.WIFSIGNALED(ended.status) else None
    if ended.late or number == signal.SIGXCPU:
        return Ending.out_of_time
    if number == signal.SIGKILL and not stopped:
        return Ending.killed
    return Ending.crashed
