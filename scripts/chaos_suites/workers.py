"""``workers``: several want the same, one dies between two effects, one sleeps through its lease.

``--count`` (100) jobs over PostgreSQL whose worker is killed when a neighbour has acted and nothing is
committed yet; a tenth as many workers stopped in the middle of a job and woken when another has done it; and
as many jobs that eight workers claim and eight requests change at the same moment, over both databases.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from uuid import UUID

import httpx
from sqlalchemy import text

from app.core.config import DatabaseSection
from app.core.db import Database, open_database
from app.core.job_tables import JobStatus
from app.core.jobs.context import Lease
from app.core.jobs.endings import LeaseLost
from app.core.jobs.queue import Claimed, JobQueue
from app.core.migrations import upgrade
from app.core.outbox import Outbox
from scripts.chaos_suites.crew import Crew
from scripts.chaos_suites.fuzz import ADMINISTRATOR
from scripts.chaos_suites.job_worker import Call, Errand, registry
from scripts.chaos_suites.jobs import came, errands, rows
from scripts.chaos_suites.ledger import Ledger, compare, place, read_stored
from scripts.chaos_suites.neighbour import Asked, Neighbour
from scripts.chaos_suites.postgres import postgres
from scripts.chaos_suites.processes import free_port, marked
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import CREATED, IN_PROGRESS, sign_in, sign_up, told
from scripts.chaos_suites.verdict import Options, Verdict

COUNT = 100
WORKERS = 3
RIVALS = 8
LEASE_SECONDS = 2.0
FIRST_LEASE_SECONDS = 5.0
"""Of contested jobs: long enough to claim them all, short enough to wait for."""
NAP_SECONDS = 1.0
NAPS_SHARE = 0.1
DEATHS = (0, 1, 1, 2)
DROPPED, MISSING = 204, 404
UNDONE = "SELECT count(*) = 0 FROM outbox WHERE handler = '{}' AND status IN ('queued', 'running')"

Part = Callable[[Shop, Options, Verdict], Awaitable[None]]


async def run(options: Options, parts: Sequence[Part] | None = None) -> Verdict:
    """All parts, or those that are asked for."""
    verdict = Verdict("workers")
    lease = {"MILLWRIGHT_JOBS__LEASE_SECONDS": str(LEASE_SECONDS)}
    administrator = {f"MILLWRIGHT_ADMIN__{name.upper()}": value for name, value in ADMINISTRATOR.items()}
    shop = Shop(options.folder / "shop", MILLWRIGHT_JOBS__CONCURRENCY="4", **lease, **administrator)
    async with postgres(options.folder / "postgres", shop.mark) as server:
        shop.use_database(server.url)
        await upgrade(server.url)
        for part in parts or (killed_between, woken_late, one_winner, one_change):
            began = time.monotonic()
            await part(shop, options, verdict)
            verdict.notes.append(f"{part.__name__}: {time.monotonic() - began:.0f} s")
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


class Books:
    """A neighbour that writes down what it was asked to do, however often it is asked."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    async def answer(self, _: Neighbour, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """POST does it once more, GET says whether it was done."""
        if asked.method == "POST":
            self.done[asked.path] += 1
        status = "200 OK" if self.done[asked.path] else "404 Not Found"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


async def killed_between(shop: Shop, options: Options, verdict: Verdict) -> None:
    """Workers die when the neighbour has answered and nothing is committed."""
    count, dice, books = options.count or COUNT, options.dice("calls"), Books()
    neighbour = Neighbour(free_port(), 0)
    neighbour.behaviour = books.answer
    await neighbour.open()
    crew, deaths, died = Crew(shop, options.dice("crew")), 0, 0
    async with errands(shop) as database:
        try:
            await crew.open(WORKERS)
            for number in range(count):
                deaths += (fate := dice.choice(DEATHS))
                await _publish(database, Call(f"call-{number}", f"http://127.0.0.1:{neighbour.port}", fate))
            deadline = time.monotonic() + options.seconds
            while time.monotonic() < deadline and not await came(database, UNDONE.format("chaos.call"), 0.2):
                died += await crew.replace_dead()
        finally:
            await crew.close()
            await neighbour.close()
        effects = Counter(
            key for (key,) in await rows(database, "SELECT key FROM chaos_effects WHERE part = 'call'")
        )
    doubled = sum(times > 1 for times in (*books.done.values(), *effects.values()))
    lost = 2 * count - len(books.done) - len(effects)
    verdict.counts |= {"calls": count, "workers killed between answer and commit": died}
    verdict.counts |= {"effects doubled": doubled, "effects lost": lost}
    verdict.expect(died > 0 or not deaths, "no worker died")
    verdict.expect(not doubled, f"{doubled} effects were doubled")
    verdict.expect(not lost, f"{lost} effects are missing")


async def woken_late(shop: Shop, options: Options, verdict: Verdict) -> None:
    """Workers are stopped in the middle of a job and woken when another has done it."""
    naps = max(1, int((options.count or COUNT) * NAPS_SHARE))
    crew = Crew(shop, options.dice("naps"))
    refused = 0
    async with errands(shop) as database:
        try:
            await crew.open(2)
            for number in range(naps):
                refused += await _nap(database, crew, 35 * number + 1, verdict)
                await crew.begin()
        finally:
            await crew.close()
        done = Counter(await rows(database, "SELECT key FROM chaos_effects WHERE part = 'effect'"))
    verdict.counts |= {"workers woken after their lease": naps, "late writes refused": refused}
    verdict.expect(refused == naps, f"{naps - refused} late writes were not refused")
    verdict.expect(len(done) == naps, f"{naps - len(done)} jobs were lost")
    verdict.expect(set(done.values()) <= {1}, "a job of a stopped worker was done twice")


async def _nap(database: Database, crew: Crew, number: int, verdict: Verdict) -> int:
    """Stop whoever takes a job until it is done by another; how often the first was refused afterwards."""
    before = crew.told("late write refused") + crew.told("lease lost")
    key = f"nap {number}"
    mine = f"FROM outbox WHERE handler = 'chaos.run' AND payload->>'about' = '{key}'"
    await _publish(database, Errand(key, number, NAP_SECONDS))
    await came(database, f"SELECT count(*) = 1 {mine} AND status = 'running'", LEASE_SECONDS * 10)
    ((worker,),) = await rows(database, f"SELECT worker {mine}")
    crew.stop_worker(int(worker.rpartition(":")[2]))
    is_done = await came(database, f"SELECT count(*) = 1 {mine} AND status = 'done'", LEASE_SECONDS * 20)
    verdict.expect(is_done, "nobody took over from a stopped worker")
    crew.tend(wake_all=True)
    for _ in range(100):
        if (now := crew.told("late write refused") + crew.told("lease lost")) > before:
            return min(1, now - before)
        await asyncio.sleep(0.05)
    return 0


async def one_winner(shop: Shop, options: Options, verdict: Verdict) -> None:
    """Eight claim the same jobs at once, twice; then all of them end them, some with a lease that is over."""
    beside = Shop(options.folder / "sqlite")
    await upgrade(beside.database_url)
    for each in (shop, beside):
        async with errands(each) as database:
            name = database.engine.dialect.name
            found = await _contested(each, database, options.count or COUNT)
        verdict.counts[f"contested jobs ({name})"] = options.count or COUNT
        for what, right in found.items():
            verdict.expect(right, f"{what} ({name})")


async def _contested(shop: Shop, database: Database, count: int) -> dict[str, bool]:
    async with AsyncExitStack() as stack:
        queues = []
        for number in range(RIVALS):
            own = open_database(DatabaseSection(url=shop.database_url))
            stack.push_async_callback(own.close)
            queues.append(
                JobQueue(own, registry(), worker=f"rival {number}", lease_seconds=FIRST_LEASE_SECONDS)
            )
            await queues[-1].open()
        for number in range(count):
            await _publish(database, Errand(f"contested {number}", number, 0.0))
        first = await _claim(queues, count)
        await asyncio.sleep(FIRST_LEASE_SECONDS)
        for queue in queues:
            queue.lease_seconds = LEASE_SECONDS * 30
        second = await _claim(queues, count)
        ended = await _end(queues, {job.lease.job_id: job.lease for job in first}, second)
    return {
        "a job was claimed by several, or by nobody": _once_each(first, count),
        "a job was taken over by several, or by nobody": _once_each(second, count),
        "a job was ended twice, or by a lease that was over": ended == count,
    }


async def _claim(queues: list[JobQueue], count: int) -> list[Claimed]:
    """Everybody takes what there is until nothing is left."""

    async def take(queue: JobQueue) -> list[Claimed]:
        found: list[Claimed] = []
        vain = 0
        while vain < RIVALS:
            claimed = await queue.claim(max(1, count // RIVALS))
            vain = 0 if claimed else vain + 1
            found += claimed
        return found

    everything = [job for part in await asyncio.gather(*map(take, queues)) for job in part]
    return [job for job in everything if job.handler == "chaos.run"]


def _once_each(claimed: list[Claimed], count: int) -> bool:
    times = Counter(job.lease.job_id for job in claimed)
    return len(times) == count and set(times.values()) == {1}


async def _end(queues: list[JobQueue], old: dict[UUID, Lease], claimed: list[Claimed]) -> int:
    """All rivals end each job at once, half of them under the old lease; how many of them could."""

    async def end(queue: JobQueue, lease: Lease) -> bool:
        try:
            async with queue.database.transaction() as session:
                await lease.fence(session, status=JobStatus.done)
        except LeaseLost:
            return False
        return True

    ended = 0
    for job in claimed:
        leases = [old[job.lease.job_id], job.lease] * (RIVALS // 2)
        tries = [end(queue, lease) for queue, lease in zip(queues, leases, strict=True)]
        wins = await asyncio.gather(*tries)
        ended += sum(wins) == 1 and not any(wins[::2])
    return ended


async def one_change(_: Shop, options: Options, verdict: Verdict) -> None:
    """Eight requests at once: the same order under one key, and the end of the same dead job."""
    administrator = {f"MILLWRIGHT_ADMIN__{name.upper()}": value for name, value in ADMINISTRATOR.items()}
    quiet = {"MILLWRIGHT_JOBS__EMBEDDED": "false", "MILLWRIGHT_STORAGE__DEMO_FILES": "false"}
    ledger, rounds = Ledger(), max(1, (options.count or COUNT) // 2)
    async with Shop(options.folder / "requests", **administrator, **quiet) as shop:
        dead = await _dead_jobs(shop, rounds)
        async with shop.client() as customer, shop.client() as keeper:
            customer.headers.update(await sign_up(customer))
            keeper.headers.update(await sign_in(keeper, ADMINISTRATOR))
            for number in range(rounds):
                await _order_at_once(customer, ledger, f"at once {number}", verdict)
                answers = await asyncio.gather(
                    *(keeper.delete(f"/admin/jobs/{dead[number]}") for _ in range(RIVALS))
                )
                statuses = Counter(answer.status_code for answer in answers)
                verdict.expect(
                    statuses == {DROPPED: 1, MISSING: RIVALS - 1}, f"a job was dropped with {dict(statuses)}"
                )
        compare(ledger, await read_stored(shop.database_url), verdict)
    verdict.counts["contested requests"] = rounds * RIVALS * 2


async def _order_at_once(customer: httpx.AsyncClient, ledger: Ledger, key: str, verdict: Verdict) -> None:
    answers = await asyncio.gather(*(place(customer, ledger, key) for _ in range(RIVALS)))
    for answer in answers:
        verdict.expect(answer.status_code in {CREATED, IN_PROGRESS}, told(answer))


async def _dead_jobs(shop: Shop, count: int) -> list[UUID]:
    database = open_database(DatabaseSection(url=shop.database_url))
    try:
        for number in range(count):
            await _publish(database, Errand(f"dead {number}", number, 0.0))
        async with database.transaction() as session:
            await session.execute(text("UPDATE outbox SET status = 'dead' WHERE handler = 'chaos.run'"))
        return [
            UUID(str(job)) for (job,) in await rows(database, "SELECT id FROM outbox WHERE status = 'dead'")
        ]
    finally:
        await database.close()


async def _publish(database: Database, event: Call | Errand) -> None:
    async with database.transaction() as session:
        await Outbox(session, registry()).publish(event)
