"""A worker between start and stop, in whichever process it lives."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.core.config import Settings
from app.core.db import open_database
from app.core.jobs.figures import JobFigures
from app.core.jobs.queue import JobQueue
from app.core.jobs.registry import Registry
from app.core.jobs.runner import Runner
from app.core.jobs.worker import Worker
from app.core.metrics import Metrics
from app.core.resources import Resources

IDLE_TRANSACTION_SECONDS = 15.0
"""PostgreSQL ends the transaction of a worker that was stopped in the middle of it, which frees its rows."""
BESIDE_RUNS = 3
"""Connections for claiming, leases and schedules."""


@asynccontextmanager
async def working(settings: Settings, resources: Resources) -> AsyncIterator[Worker]:
    """Run the jobs of the outbox over connections of their own, so that no request waits for one."""
    section = settings.database.model_copy(update={"pool_size": settings.jobs.concurrency + BESIDE_RUNS})
    database = open_database(section, idle_transaction_seconds=IDLE_TRANSACTION_SECONDS)
    queue = JobQueue(
        database,
        resources.get(Registry),
        worker=f"{socket.gethostname()}:{os.getpid()}",
        lease_seconds=settings.jobs.lease_seconds,
    )
    figures = JobFigures(resources.get(Metrics).registry)
    worker = Worker(queue, Runner(queue, resources), settings.jobs, figures)
    try:
        await worker.start()
        yield worker
    finally:
        await worker.stop()
        await database.close()
