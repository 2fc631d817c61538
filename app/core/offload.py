"""Blocking work off the event loop, in small named pools of threads."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from app.core.errors import Unavailable

R = TypeVar("R")
LEAST_PRIORITY = 19


class Overloaded(Unavailable):
    """Too much of this work is waiting already; try again in a moment."""

    code, title = "overloaded", "Overloaded"
    retry_after_seconds = 2


class Offload:
    """A pool of ``workers`` threads with a bounded queue.

    At most ``workers + waiting`` calls are inside; the next one is refused with `Overloaded` at once, so a
    flood of slow work neither grows memory nor makes everybody wait. A cancelled caller gives up its place
    in the queue; work that a thread has begun runs to its end and keeps its place until then. With a
    ``niceness`` above 0 the threads give way to the rest of the process when cores are short.
    """

    def __init__(self, name: str, *, workers: int = 1, waiting: int = 64, niceness: int = 0) -> None:
        self.name = name
        self._places = threading.BoundedSemaphore(workers + waiting)
        self._executor = ThreadPoolExecutor(
            max_workers=workers, thread_name_prefix=name, initializer=_yield_to_others, initargs=(niceness,)
        )

    async def run(self, work: Callable[..., R], *args: Any) -> R:  # noqa: ANN401 - whatever the work takes
        """The result of ``work(*args)``, computed in a thread with the caller's context variables."""
        if not self._places.acquire(blocking=False):
            raise Overloaded
        try:
            future = self._executor.submit(copy_context().run, work, *args)
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """Drop what is waiting and wait for what runs."""
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)

    def _leave(self, _: "Future[Any]") -> None:
        self._places.release()


def _yield_to_others(niceness: int) -> None:
    """Lower the priority of this thread, which Linux allows for one alone."""
    if niceness and sys.platform == "linux":
        thread = threading.get_native_id()
        usual = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(usual + niceness, LEAST_PRIORITY))
