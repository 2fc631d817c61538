"""One life of the fork server, seen from the service: start it, order children, hear them out, end it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
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
_PEACE_SECONDS = 0.1
"""So long nobody gets ready beside a child that has just begun: most are done by then, and quicker for it."""
_SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class ChildrenGone(Exception):
    """The fork server died under the job; it is being started anew."""


@dataclass(frozen=True)
class _Waiting:
    """A child that has been asked for, and where its order goes; it may not be born yet."""

    number: int
    letterbox: socket.socket


class ServerLife:
    """One life of the fork server."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self.process = process
        self.control = control
        self.exits: dict[int, asyncio.Future[Exit]] = {}
        self._unread = b""
        self._asked_for = 0
        self._waiting: _Waiting | None = None
        self._peace: asyncio.TimerHandle | None = None

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
            self._bury(message["ended"], Exit(message["status"], message["late"]))
        self._give_up()

    def _bury(self, number: int, seen: Exit) -> None:
        if self._waiting is not None and self._waiting.number == number:
            self._dismiss()
            return  # whatever killed it might kill the next one too: that one is not born before its order
        ended = self.exits.pop(number, None)
        if ended is not None and not ended.done():
            ended.set_result(seen)
        if not self.exits:
            self._get_ready()

    def _give_up(self) -> None:
        for ended in self.exits.values():
            if not ended.done():
                ended.set_exception(ChildrenGone())
                ended.exception()  # seen: the job may be past caring
        self.exits.clear()

    async def end(self) -> None:
        """Close the socket, which ends the server, and wait for it; kill it if it does not listen."""
        self._keep_peace(None)
        self._dismiss()
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
        order = Order(job, arguments, limits, has_file=file is not None, has_output=output is not None)
        channel, theirs = socket.socketpair()
        channel.setblocking(False)
        descriptors = [theirs.fileno(), *(given.fileno() for given in (file, output) if given is not None)]
        try:
            number, ended = self._hand_over(order, descriptors)
        except OSError as error:
            channel.close()
            raise ChildrenGone from error
        finally:
            theirs.close()
        outcome: Outcome | None = None
        try:
            lines = await _hear_out(channel)
            if lines is None:
                self._stop(number)
            stage, outcome = _last_word(lines or [])
            if outcome is None:
                exit_seen = await asyncio.shield(ended)
                outcome = Outcome(_ending_of(exit_seen, stopped=lines is None), stage=stage)
            return outcome
        finally:
            channel.close()
            if outcome is None and not ended.done():
                await self._put_down(number, ended)

    def _hand_over(self, order: Order, descriptors: list[int]) -> tuple[int, asyncio.Future[Exit]]:
        """The order to the child in waiting; if that one has died meanwhile, to a new one."""
        line = encode_order(order)
        try:
            number = self._post(line, descriptors, order.limits)
        except OSError:
            number = self._post(line, descriptors, order.limits)
        ended = self.exits[number] = asyncio.get_running_loop().create_future()
        self._keep_peace()
        return number, ended

    def _post(self, line: bytes, descriptors: list[int], limits: Limits) -> int:
        waiting = self._waiting or self._ask_for_one()
        try:
            self._say({"begun": waiting.number, "wall_seconds": limits.wall_seconds})
            socket.send_fds(waiting.letterbox, [line], descriptors)
        finally:
            self._dismiss()
        return waiting.number

    def _ask_for_one(self) -> _Waiting:
        """A child that waits for its order, or is about to: the next order need not wait for the fork."""
        self._asked_for += 1
        ours, theirs = socket.socketpair()
        try:
            self._say({"fork": self._asked_for}, theirs)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._waiting = _Waiting(self._asked_for, ours)
        return self._waiting

    def _keep_peace(self, seconds: float | None = _PEACE_SECONDS) -> None:
        """Get ready for the next order only after so long; with ``None`` not at all."""
        if self._peace is not None:
            self._peace.cancel()
        loop = asyncio.get_running_loop()
        self._peace = None if seconds is None else loop.call_later(seconds, self._get_ready)

    def _get_ready(self) -> None:
        self._keep_peace(None)
        if self._waiting is None:
            with contextlib.suppress(OSError):  # the server is gone, as whoever listens to it will find out
                self._ask_for_one()

    def _dismiss(self) -> None:
        """Let go of the child in waiting: it has its order by now, or it leaves."""
        if self._waiting is not None:
            self._waiting.letterbox.close()
            self._waiting = None

    async def _put_down(self, number: int, ended: asyncio.Future[Exit]) -> None:
        """Nobody waits for the child any more: stop it, and the whole server if that does not help."""
        self._stop(number)
        await asyncio.wait({ended}, timeout=_BURIAL_SECONDS)
        if not ended.done():
            self.process.kill()

    def _stop(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self._say({"stop": number})

    def _say(self, message: dict[str, Any], *handed_over: socket.socket) -> None:
        socket.send_fds(self.control, [encode(message)], [given.fileno() for given in handed_over])

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
