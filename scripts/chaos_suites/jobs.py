"""``jobs``: workers over PostgreSQL are killed and stopped at random while errands come in.

First one of two workers is killed in the middle of 200 jobs; then ``--count`` jobs (1,000) go through a crew
of three of whom one is killed, or stopped for longer than its lease, every second; then a worker on SQLite is
killed and started again. Every tenth publication is rolled back or repeated.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, text

from app.core.config import DatabaseSection
from app.core.db import Database, open_database
from app.core.job_tables import OutboxMessage
from app.core.migrations import upgrade
from app.core.outbox import Outbox
from scripts.chaos_suites.crew import Crew
from scripts.chaos_suites.job_worker import EFFECTS, Errand, registry
from scripts.chaos_suites.postgres import postgres
from scripts.chaos_suites.processes import marked
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.verdict import Options, Verdict

COUNT = 1000
KEYS = 20
WORKERS = 3
LEASE_SECONDS = "3"
STRIKE_SECONDS = 1.0
WATCH_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 0.6
"""Between two publications about the same thing."""
SHORTEST_SECONDS, LONGEST_SECONDS = 0.02, 0.3
"""Of one errand."""
UNDONE_SHARE, REPEATED_SHARE = 0.05, 0.05
DONE = "FROM outbox WHERE handler = 'chaos.run' AND status = 'done'"
DRAINED = "SELECT count(*) = 0 FROM outbox WHERE handler = 'chaos.run' AND status IN ('queued', 'running')"
FIRST_COUNT = 200
EMBEDDED_COUNT = 200
LIFE_SECONDS = (2.0, 5.0)
"""Of a worker on SQLite; what it held is free again one lease after its death."""
FIRST_PATIENCE_SECONDS = 60.0


Part = Callable[[Shop, Options, Verdict], Awaitable[None]]


@dataclass
class Sent:
    """What was published, and what was published and rolled back, as key and number."""

    published: set[tuple[str, int]] = field(default_factory=set)
    undone: set[tuple[str, int]] = field(default_factory=set)


async def run(options: Options, parts: Sequence[Part] | None = None) -> Verdict:
    """All parts, or those that are asked for."""
    verdict = Verdict("jobs", {"jobs": 0})
    shop = Shop(options.folder / "shop", MILLWRIGHT_JOBS__CONCURRENCY="4")
    async with postgres(options.folder / "postgres", shop.mark) as server:
        shop.use_database(server.url)
        await upgrade(server.url)
        for part in parts or (one_killed, many_struck, embedded_killed):
            await part(shop, options, verdict)
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


async def one_killed(shop: Shop, options: Options, verdict: Verdict) -> None:
    """Two workers with the lease they have by default, one killed in the middle."""
    count = FIRST_COUNT
    async with errands(shop) as database:
        crew = Crew(shop, options.dice("one killed"))
        try:
            await crew.open(2)
            sent, started = Sent(), time.monotonic()
            dice = options.dice("errands of the first part")
            await asyncio.gather(*_publishers(database, sent, count, dice, pause_seconds=0.0))
            await came(database, f"SELECT count(*) >= {count // 2} {DONE}", FIRST_PATIENCE_SECONDS)
            crew.kill()
            is_done = await came(database, DRAINED, FIRST_PATIENCE_SECONDS)
            seconds = time.monotonic() - started
        finally:
            await crew.close()
        verdict.notes.append(f"{count} jobs, one of two workers killed: done in {seconds:.1f} s")
        verdict.expect(is_done, f"{count} jobs were not done within {FIRST_PATIENCE_SECONDS:.0f} s")
        await _compare(database, sent, verdict)


async def many_struck(shop: Shop, options: Options, verdict: Verdict) -> None:
    """A crew of which one is struck every second."""

    async def strike(crew: Crew) -> None:
        await asyncio.sleep(STRIKE_SECONDS)
        (crew.kill if crew.dice.random() < 0.5 else crew.stop)()  # noqa: PLR2004 - half of them
        await crew.begin()
        crew.tend()

    shop.environment["MILLWRIGHT_JOBS__LEASE_SECONDS"] = LEASE_SECONDS
    await _under_strikes(shop, options, verdict, count=options.count or COUNT, workers=WORKERS, strike=strike)


async def embedded_killed(_: Shop, options: Options, verdict: Verdict) -> None:
    """One worker over a SQLite file, as inside the API, killed and started again."""

    async def strike(crew: Crew) -> None:
        await asyncio.sleep(crew.dice.uniform(*LIFE_SECONDS))
        crew.kill()
        await crew.begin()

    shop = Shop(options.folder / "embedded", MILLWRIGHT_JOBS__LEASE_SECONDS=LEASE_SECONDS)
    await upgrade(shop.database_url)
    await _under_strikes(shop, options, verdict, count=EMBEDDED_COUNT, workers=1, strike=strike)


async def _under_strikes(
    shop: Shop,
    options: Options,
    verdict: Verdict,
    *,
    count: int,
    workers: int,
    strike: Callable[[Crew], Awaitable[None]],
) -> None:
    """Publish so many errands and strike until all are done."""
    async with errands(shop) as database:
        crew = Crew(shop, options.dice("strikes", workers))
        sent, started = Sent(), time.monotonic()
        dice = options.dice("errands", workers)
        publishing = asyncio.gather(
            *_publishers(database, sent, count, dice, pause_seconds=LONGEST_PAUSE_SECONDS)
        )
        try:
            await crew.open(workers)
            striking = asyncio.create_task(_again(strike, crew))
            await publishing
            is_done = await came(database, DRAINED, options.seconds)
            striking.cancel()
            await asyncio.wait({striking})
            crew.tend(wake_all=True)
            await asyncio.sleep(LONGEST_SECONDS * 2)
        finally:
            await crew.close()
        seconds = time.monotonic() - started
        name = database.engine.dialect.name
        verdict.expect(is_done, f"jobs were not done within {options.seconds:.0f} s ({name})")
        struck = " and ".join(f"{times} {kind}" for kind, times in crew.strikes.items())
        verdict.notes.append(f"{count} jobs over {name}, {struck}: done in {seconds:.1f} s")
        _add(verdict, {**crew.strikes, "late writes refused": crew.told("late write refused")})
        await _compare(database, sent, verdict)


async def _again(strike: Callable[[Crew], Awaitable[None]], crew: Crew) -> None:
    while True:
        await strike(crew)


def _add(verdict: Verdict, counts: dict[str, int]) -> None:
    for name, number in counts.items():
        verdict.counts[name] = int(verdict.counts.get(name, 0)) + number


@asynccontextmanager
async def errands(shop: Shop) -> AsyncIterator[Database]:
    """The database with an empty outbox and an empty table of effects."""
    database = open_database(DatabaseSection(url=shop.database_url))
    try:
        async with database.transaction() as session:
            await session.execute(delete(OutboxMessage))
            await session.run_sync(lambda sync: EFFECTS.metadata.drop_all(sync.connection()))
            await session.run_sync(lambda sync: EFFECTS.metadata.create_all(sync.connection()))
        yield database
    finally:
        await database.close()


def _publishers(
    database: Database, sent: Sent, count: int, dice: random.Random, *, pause_seconds: float
) -> list["asyncio.Task[None]"]:
    """One for each key, so that its errands are published in the order of their numbers."""
    shares: dict[str, list[Errand]] = defaultdict(list)
    for number in range(count):
        about = f"key {dice.randrange(KEYS)}"
        shares[about].append(Errand(about, number, round(dice.uniform(SHORTEST_SECONDS, LONGEST_SECONDS), 3)))
    return [
        asyncio.create_task(_publish(database, sent, share, random.Random(dice.random()), pause_seconds))  # noqa: S311 - reproducible, not secret
        for share in shares.values()
    ]


async def _publish(
    database: Database, sent: Sent, share: list[Errand], dice: random.Random, pause_seconds: float
) -> None:
    handlers = registry()
    for errand in share:
        fate = dice.random()
        if fate < UNDONE_SHARE:
            async with database.writes() as session:  # closed without a commit
                await Outbox(session, handlers).publish(Errand(errand.about, -1 - errand.number, 0.0))
            sent.undone.add((errand.about, -1 - errand.number))
        for _ in range(2 if fate > 1 - REPEATED_SHARE else 1):
            async with database.transaction() as session:
                await Outbox(session, handlers).publish(errand, once=str(errand.number))
        sent.published.add((errand.about, errand.number))
        await asyncio.sleep(dice.uniform(0, pause_seconds))


async def came(database: Database, question: str, seconds: float) -> bool:
    """Whether the answer to the question came to be yes in this time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (await rows(database, question))[0][0]:
            return True
        await asyncio.sleep(WATCH_SECONDS)
    return False


async def _compare(database: Database, sent: Sent, verdict: Verdict) -> None:
    """Count what was lost, doubled or done out of order; each is a failure."""
    effects = await rows(database, "SELECT key, number, part, job_id FROM chaos_effects ORDER BY id")
    done = [(key, number) for key, number, part, _ in effects if part == "effect"]
    times = Counter((job_id, part) for _, _, part, job_id in effects)
    by_key: dict[str, list[int]] = defaultdict(list)
    for key, number in done:
        by_key[key].append(number)
    found = {
        "jobs": len(sent.published),
        "lost": len(sent.published - set(done)),
        "doubled": sum(one > 1 for one in times.values()) + len(done) - len(set(done)),
        "out of order": sum(numbers != sorted(numbers) for numbers in by_key.values()),
        "done in vain": len(sent.undone & set(done)),
        "given up": len(await rows(database, "SELECT 1 FROM outbox WHERE status = 'dead'")),
    }
    _add(verdict, found)
    for name, number in found.items():
        verdict.expect(name == "jobs" or not number, f"{number} jobs {name}")


async def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """What the database answers."""
    async with database.reading() as session:
        return [tuple(row) for row in await session.execute(text(statement))]
