"""The service's side: orders children, hears them out, and sees to it that none outlives its order."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, BinaryIO

import structlog

from app.calculator.children.life import ChildrenGone, ServerLife
from app.calculator.children.protocol import Limits, Outcome
from app.calculator.children.slots import Slots

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Children:
    """A bounded number of children at a time, a bounded queue before them."""

    def __init__(self, prepare: Sequence[str], *, most: int, queue: int) -> None:
        self.prepare = tuple(prepare)
        self._slots = Slots(most, queue)
        self._server: ServerLife | None = None
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
        self._slots.check_room()

    async def run(
        self,
        job: str,
        arguments: dict[str, Any],
        limits: Limits,
        file: BinaryIO | None = None,
        output: BinaryIO | None = None,
    ) -> Outcome:
        """Run one job in one child. Cancelling kills the child; it is buried before this returns.

        The job reads ``file`` and writes ``output``; both stay the caller's.
        One with a niceness waits until nobody else does.
        Raises ``Busy`` when the queue is full and ``ChildrenGone`` when the fork server died.
        """
        async with self._slots.taken(nice=limits.niceness > 0):
            await self._started.wait()
            if self._server is None:
                raise ChildrenGone
            return await self._server.run(job, arguments, limits, file, output)

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

    async def _launch(self) -> "ServerLife":
        """A new fork server; when cancelled half-way, it is ended before that shows."""
        launching = asyncio.create_task(ServerLife.launch(self.prepare))
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            await (await launching).end()
            raise
