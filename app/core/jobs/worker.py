"""The loops of a worker: claim jobs and run them, keep their leases, offer schedules, count."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import structlog

from app.core.db import translate
from app.core.errors import AppError
from app.core.jobs.context import Lease
from app.core.jobs.figures import JobFigures
from app.core.jobs.queue import Claimed, JobQueue
from app.core.jobs.runner import Runner
from app.core.jobs.schedules import Schedules
from app.core.sections import JobsSection

log = structlog.get_logger("app.jobs")

BEATS_PER_LEASE = 4
LOOK_SECONDS = 15.0
LEAST_PAUSE = 4.0
"""Between two looks in vain, in looks: a long queue that is blocked is not looked through all the time."""
AGAIN_SECONDS = 1.0
"""After the database did not answer."""
GONE_SECONDS = 5.0
"""How long a cancelled run may take; one that does not care is fenced anyway."""

Task = asyncio.Task[None]


class Worker:
    """Works between :meth:`start` and :meth:`stop`; an object, so that one process may hold several."""

    def __init__(self, queue: JobQueue, runner: Runner, settings: JobsSection, figures: JobFigures) -> None:
        self.queue = queue
        self.runner = runner
        self.settings = settings
        self.figures = figures
        self.schedules = Schedules(queue.database, queue.registry.schedules)
        self._runs: dict[Lease, Task] = {}
        self._running: dict[Lease, str] = {}
        self._ended = asyncio.Event()
        self._stopping = False
        self._claiming: Task | None = None
        self._others: list[Task] = []

    async def start(self) -> None:
        """Begin to work."""
        await self.queue.open()
        self._claiming = asyncio.create_task(self._claim_on())
        others = (self._beat, self.schedules.tick, self._look)
        self._others = [asyncio.create_task(_repeat(other)) for other in others]

    async def stop(self) -> None:
        """Claim no more, give what runs some time to end, and let others have at once what did not."""
        self._stopping = True
        self._ended.set()
        await self._end_claiming()
        if self._runs:
            await asyncio.wait(self._runs.values(), timeout=self.settings.stop_seconds)
        unfinished = dict(self._runs)
        await _cancelled([*unfinished.values(), *self._others])
        if unfinished:
            await self._give_back(list(unfinished))

    async def _give_back(self, leases: list[Lease]) -> None:
        try:
            await self.queue.give_back(leases)
        except Exception as error:
            log.warning("jobs not given back", jobs=len(leases), exc_info=error)

    async def _end_claiming(self) -> None:
        """What is just being claimed is claimed to the end, so that it can be given back."""
        if self._claiming is not None:
            await asyncio.wait([self._claiming], timeout=self.settings.stop_seconds)
            await _cancelled([self._claiming])

    async def _claim_on(self) -> None:
        while not self._stopping:
            await _attempt(self._claim)

    async def _claim(self) -> float:
        self._ended.clear()
        places = self.settings.concurrency - len(self._runs)
        asked = time.perf_counter()
        claimed = await self.queue.claim(places, self._running.values()) if places > 0 else []
        for job in claimed:
            self._running[job.lease] = job.handler
            self._runs[job.lease] = asyncio.create_task(self._run(job))
        if not claimed:
            pause = max(self.settings.poll_seconds, (time.perf_counter() - asked) * LEAST_PAUSE)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._ended.wait()
        return 0.0

    async def _run(self, job: Claimed) -> None:
        started, ending = time.perf_counter(), "cancelled"
        self.figures.running.inc()
        try:
            ending = await self.runner.run(job)
        finally:
            del self._runs[job.lease], self._running[job.lease]
            self._ended.set()
            self.figures.running.dec()
            self.figures.runs.labels(job.handler, ending).inc()
            self.figures.durations.labels(job.handler).observe(time.perf_counter() - started)

    async def _beat(self) -> float:
        if self._runs:
            for lease in await self.queue.lost(list(self._runs)):
                log.warning("lease lost", job_id=str(lease.job_id))
                if lease in self._runs:
                    self._runs[lease].cancel()
        return self.settings.lease_seconds / BEATS_PER_LEASE

    async def _look(self) -> float:
        await self.figures.look(self.queue.database)
        return LOOK_SECONDS


async def _repeat(act: Callable[[], Awaitable[float]]) -> None:
    while True:
        await _attempt(act)


async def _attempt(act: Callable[[], Awaitable[float]]) -> None:
    """Act, and rest as long as it asked for; the loop outlives whatever fails in it."""
    try:
        pause = await act()
    except Exception as error:
        what = act.__name__.strip("_")
        if isinstance(error, AppError) or translate(error) is not None:
            log.warning("worker disturbed", what=what, cause=repr(error))
        else:
            log.exception("worker disturbed", what=what)
        pause = AGAIN_SECONDS
    await asyncio.sleep(pause)


async def _cancelled(tasks: Iterable[Task]) -> None:
    """Cancel them and wait until they are gone."""
    alive = [task for task in tasks if not task.done()]
    for task in alive:
        task.cancel()
    if alive:
        await asyncio.wait(alive, timeout=GONE_SECONDS)
