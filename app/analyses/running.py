"""Work at hand in this process: whoever asks for the same joins it, and it goes on when they leave."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

R = TypeVar("R")


class Running:
    """Tasks by what they are about; close it before what they use."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def join(self, about: Hashable, begin: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """The result of the work about this, which begins with the first who asks."""
        task = self._tasks.get(about)
        if task is None:
            task = self._tasks[about] = asyncio.create_task(begin())
            task.add_done_callback(lambda ended: self._leave(about, ended))
        return cast("R", await asyncio.shield(task))

    async def close(self) -> None:
        """End what is not done; others will do it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _leave(self, about: Hashable, ended: "asyncio.Task[Any]") -> None:
        del self._tasks[about]
        if not ended.cancelled():
            ended.exception()  # seen: everybody may have left
