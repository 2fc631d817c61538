"""Places for children: what somebody waits for goes before what can wait."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from app.calculator.errors import Busy

PASSED_OVER = 8
"""So many others in a row may go first; then what can wait has its turn all the same."""


class Slots:
    """So many places, with a queue before them.

    What is ``nice`` can wait: it stands behind everything that is not, and never has the last place where
    there are several.
    """

    def __init__(self, most: int, queue: int) -> None:
        self.queue = queue
        self._free = most
        self._free_for_nice = max(1, most - 1)
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._nice: deque[asyncio.Future[None]] = deque()
        self._passed_over = 0

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._urgent) + len(self._nice)

    def check_room(self, *, nice: bool = False) -> None:
        """Raise ``Busy`` when there is no place, and as many wait before this one as may."""
        ahead = self.waiting if nice else len(self._urgent)
        if not self._is_place(nice=nice) and ahead >= self.queue:
            raise Busy(f"{ahead} parts are waiting already")

    @contextlib.asynccontextmanager
    async def taken(self, *, nice: bool = False) -> AsyncIterator[None]:
        """A place, as soon as it is this one's turn. Raises ``Busy``."""
        self.check_room(nice=nice)
        if self._is_place(nice=nice):
            self._take(nice=nice)
        else:
            await self._turn(nice=nice)
        try:
            yield
        finally:
            self._give_back(nice=nice)

    def _is_place(self, *, nice: bool) -> bool:
        return self._free > 0 and (self._free_for_nice > 0 or not nice)

    def _take(self, *, nice: bool) -> None:
        self._free -= 1
        self._free_for_nice -= nice

    def _give_back(self, *, nice: bool) -> None:
        self._free += 1
        self._free_for_nice += nice
        while (queue := self._next()) is not None:
            turn = queue.popleft()
            if not turn.cancelled():
                self._take(nice=queue is self._nice)
                turn.set_result(None)

    def _next(self) -> "deque[asyncio.Future[None]] | None":
        """Whose turn it is."""
        nice_may = bool(self._nice) and self._is_place(nice=True)
        if self._urgent and self._free and not (nice_may and self._passed_over >= PASSED_OVER):
            self._passed_over += nice_may
            return self._urgent
        if not nice_may:
            return None
        self._passed_over = 0
        return self._nice

    async def _turn(self, *, nice: bool) -> None:
        queue = self._nice if nice else self._urgent
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._give_back(nice=nice)  # it was given the place in the moment it left
            elif turn in queue:
                queue.remove(turn)
            raise
