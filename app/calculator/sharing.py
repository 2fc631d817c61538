"""The same work asked for by several at the same time is done once."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


@dataclass
class _Work(Generic[Result]):
    task: "asyncio.Task[Result]"
    waiting: int = 0


class Sharing(Generic[Result]):
    """Work by what it is about; the last one to leave stops it."""

    def __init__(self) -> None:
        self._works: dict[Hashable, _Work[Result]] = {}

    async def join(self, key: Hashable, begin: Callable[[], "asyncio.Task[Result]"]) -> Result:
        """Wait for the work of this key, which begins with the first who asks.

        Cancelling gives up the work unless somebody else waits for it.
        """
        work = self._works.get(key)
        if work is None:
            work = self._works[key] = _Work(begin())
            work.task.add_done_callback(_seen)
        work.waiting += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.waiting -= 1
            if not work.waiting:
                self._works.pop(key, None)
                if not work.task.done():
                    work.task.cancel()
                    await asyncio.wait({work.task})


def _seen(task: "asyncio.Task[Any]") -> None:
    """Everybody may have left before it failed."""
    if not task.cancelled():
        task.exception()
