"""Workers that die: imports everything once, then forks one for every line of input and tells its process id.

Their jobs write down what they did, in a table that would also show what was done twice.
"""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from typing import ClassVar, NoReturn

import httpx
from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import Settings
from app.core.db import open_database
from app.core.events import Event
from app.core.job_tables import ROW_NUMBER
from app.core.jobs import JobContext, Registry, Retry, every, on
from app.core.jobs.running import working
from app.core.logging import configure_logging
from app.core.metrics import Metrics
from app.core.resources import Resources
from scripts.local.services import Prctl

EFFECTS = Table(
    "chaos_effects",
    MetaData(),
    Column("id", ROW_NUMBER, primary_key=True),
    Column("job_id", Text(), nullable=False),
    Column("part", Text(), nullable=False),
    Column("key", Text(), nullable=False),
    Column("number", Integer(), nullable=False),
)
FAILING, STEPPING = 7, 5
"""Every so-manieth job fails at its first attempt, or takes a step first."""


@dataclass(frozen=True)
class Errand(Event):
    """Something to be done, the so-manieth for its key."""

    name: ClassVar[str] = "chaos.errand"

    about: str
    number: int
    seconds: float


@on(Errand, name="chaos.run", retry=Retry(attempts=20, base_seconds=0.1, cap_seconds=1.0))
async def run(context: JobContext, errand: Errand) -> None:
    """The long work first, then the effect."""

    async def step(session: AsyncSession) -> None:
        await write(session, context, "step", errand)

    if errand.number % STEPPING == 0:
        await context.step("first", step)
    await asyncio.sleep(errand.seconds)
    if errand.number % FAILING == 0 and context.attempt == 1:
        raise ConnectionError("as every so often")
    await write(context.session, context, "effect", errand)


@dataclass(frozen=True)
class Call(Event):
    """Something a neighbour is to do once; so many workers die when it has, before they can commit."""

    name: ClassVar[str] = "chaos.call"

    about: str
    address: str
    deaths: int


@on(Call, name="chaos.call", retry=Retry(attempts=100, base_seconds=0.1, cap_seconds=1.0))
async def call(context: JobContext, wanted: Call) -> None:
    """Look before acting: what the neighbour has done already is not asked for again."""
    async with httpx.AsyncClient(base_url=wanted.address, trust_env=False) as client:
        known = await client.get(f"/{wanted.about}")
        if known.status_code == httpx.codes.NOT_FOUND:
            done = await client.post(f"/{wanted.about}")
            done.raise_for_status()
    if context.attempt <= wanted.deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    await write(context.session, context, "call", Errand(wanted.about, 0, 0.0))


@every("1 s", name="chaos.tick")
async def tick(context: JobContext) -> None:
    """Beside the others."""
    await write(context.session, context, "tick", Errand("tick", 0, 0.0))


async def write(session: AsyncSession, context: JobContext, part: str, errand: Errand) -> None:
    """Write down what was done."""
    row = {"job_id": str(context.id), "part": part, "key": errand.about, "number": errand.number}
    await session.execute(EFFECTS.insert().values(**row))


def registry() -> Registry:
    """What these workers can do."""
    return Registry([run, call, tick])


async def work() -> None:
    """A worker, until it is asked to end."""
    settings = Settings()
    database = open_database(settings.database)
    resources = Resources(settings, Metrics(), registry(), database)
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    async with working(settings, resources):
        await asked.wait()
    await database.close()


def live() -> NoReturn:
    """One life."""
    Prctl()()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.close(sys.stdin.fileno())
    configure_logging()
    asyncio.run(work())
    os._exit(0)


def main() -> None:
    """Fork for every line; the kernel buries the dead."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            live()
        print(pid, flush=True)


if __name__ == "__main__":
    main()
