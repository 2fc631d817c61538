"""``database``: PostgreSQL is restarted, killed, stopped and locked under orders and reads."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import httpx

from app.core.config import JobsSection
from app.core.jobs.running import BESIDE_RUNS
from scripts.chaos_suites.customers import Customers
from scripts.chaos_suites.ledger import compare, read_stored
from scripts.chaos_suites.postgres import Postgres, postgres
from scripts.chaos_suites.processes import marked
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import is_documented, sign_up, told
from scripts.chaos_suites.verdict import Options, Verdict

ORDERING, READING = 4, 3
WAYS = ("restart", "immediate", "kill", "connections", "freeze", "lock")
"""A fast shutdown, an immediate one, SIGKILL to the postmaster, SIGKILL to one of its processes, all of them
stopped for a while, the table of orders locked; each comes once before one comes again."""
STATEMENT_SECONDS = 2.0
BEYOND_STATEMENTS = 3.0
"""How much longer a lock is held, or the server stopped, than a statement may take."""
LONGEST_OUTAGE_SECONDS = 3.0
SHORTEST_SEEN_OUTAGE_SECONDS = 1.0
"""An outage of this length must have been seen by readiness."""
LONGEST_PEACE_SECONDS = 3.0
RECOVERY_SECONDS = 15.0
WATCH_SECONDS = 0.1
POOL = 10
MOST = POOL + JobsSection().concurrency + BESIDE_RUNS
"""Requests have a pool, and the worker inside the API has one."""
READS = ("/orders", "/files", "/profile")
ALLOWED = {200, 503}


async def run(options: Options, ways: Sequence[str] = WAYS) -> Verdict:
    """Break until the budget is used up, then compare what was told with what is stored."""
    verdict = Verdict("database")
    shop = Shop(
        options.folder / "shop",
        MILLWRIGHT_DATABASE__POOL_SIZE=str(POOL),
        MILLWRIGHT_DATABASE__STATEMENT_SECONDS=str(STATEMENT_SECONDS),
    )
    async with postgres(options.folder / "postgres", shop.mark) as server:
        shop.use_database(server.url)
        async with shop:
            await _break_and_check(
                shop, Breaker(shop, server, options.dice("breaks"), verdict, ways), options, verdict
            )
        verdict.expect(not await server.connections(), "the API has ended and its connections have not")
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


async def _break_and_check(shop: Shop, breaker: "Breaker", options: Options, verdict: Verdict) -> None:
    customers = Customers(shop, options, verdict)
    readers = [Reader(shop, verdict) for _ in range(READING)]
    try:
        await customers.arrive(ordering=ORDERING)
        for reader in readers:
            await reader.arrive()
        tasks = [asyncio.create_task(reader.work()) for reader in readers]
        budget = options.budget()
        while budget.is_left:
            await breaker.strike()
            budget.spent += 1
        for reader in readers:
            reader.stopped = True
        await asyncio.gather(*tasks)
        await customers.leave()
        await customers.check_replays()
    finally:
        await customers.close()
    open_now = len(await breaker.server.connections())
    verdict.expect(open_now <= MOST, f"the API holds {open_now} connections, its pools have {MOST}")
    breaker.tell(verdict)
    _tell_reads(readers, verdict)
    customers.tell()
    compare(customers.ledger, await read_stored(shop.database_url), verdict)


class Breaker:
    """Takes the database away, brings it back, and watches what readiness says meanwhile."""

    def __init__(
        self, shop: Shop, server: Postgres, dice: random.Random, verdict: Verdict, ways: Sequence[str]
    ) -> None:
        self.shop = shop
        self.server = server
        self.dice = dice
        self.verdict = verdict
        self.possible = ways
        self.coming: list[str] = []
        self.ways: Counter[str] = Counter()
        self.recoveries: list[float] = []

    async def strike(self) -> None:
        """Peace, then one break of a random kind, until the API is ready again."""
        await asyncio.sleep(self.dice.uniform(0.5, LONGEST_PEACE_SECONDS))
        way = self._next()
        self.ways[way] += 1
        if way == "connections":
            await self._cut_a_connection()
        elif way == "freeze":
            await self._freeze()
        elif way == "lock":
            await self._lock()
        else:
            await self._take_away(way, self.dice.uniform(0, LONGEST_OUTAGE_SECONDS))
            await self.server.start()
        try:
            self.recoveries.append(await self.shop.wait_ready(RECOVERY_SECONDS))
        except TimeoutError as error:
            self.verdict.fail(f"the API did not recover by itself: {error}")

    def _next(self) -> str:
        if not self.coming:
            self.coming = self.dice.sample(self.possible, len(self.possible))
        return self.coming.pop()

    async def _freeze(self) -> None:
        """Connections stay, new ones are taken by the kernel, and nothing is answered."""
        frozen = self.server.freeze()
        try:
            saw_it = await self._watch_readiness(STATEMENT_SECONDS + BEYOND_STATEMENTS)
        finally:
            self.server.thaw(frozen)
        self.verdict.expect(saw_it, "readiness did not say that the database does not answer")

    async def _lock(self) -> None:
        """Whoever needs an order is told to come again when a statement may wait no longer."""
        async with self.server.locked("orders"):
            await self._watch_readiness(STATEMENT_SECONDS + BEYOND_STATEMENTS)

    async def _take_away(self, way: str, outage: float) -> None:
        if way == "kill":
            self.server.kill()
        else:
            await self.server.stop(signal.SIGINT if way == "restart" else signal.SIGQUIT)
        saw_it = await self._watch_readiness(outage)
        if outage >= SHORTEST_SEEN_OUTAGE_SECONDS and not saw_it:
            self.verdict.fail("readiness did not say that the database was gone")

    async def _cut_a_connection(self) -> None:
        pids = await self.server.connections()
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self.dice.choice(pids), signal.SIGKILL)
        await self.server.start()

    async def _watch_readiness(self, seconds: float) -> bool:
        """Whether readiness answered 503 while the database was away; live must answer all the time."""
        deadline, saw_it = time.monotonic() + seconds, False
        async with httpx.AsyncClient(base_url=self.shop.url, trust_env=False, timeout=10) as client:
            while time.monotonic() < deadline:
                ready = await client.get("/health/ready")
                saw_it = saw_it or ready.status_code == httpx.codes.SERVICE_UNAVAILABLE
                live = await client.get("/health/live")
                self.verdict.expect(live.is_success, f"live answered {live.status_code}")
                await asyncio.sleep(WATCH_SECONDS)
        return saw_it

    def tell(self, verdict: Verdict) -> None:
        """How often, how, and how soon it was well again."""
        verdict.counts["breaks"] = self.ways.total()
        verdict.notes.append(", ".join(f"{times} × {way}" for way, times in sorted(self.ways.items())))
        if self.recoveries:
            verdict.notes.append(f"ready at most {max(self.recoveries):.2f} s after the database")


class Reader:
    """Reads all the time and takes down what is answered."""

    def __init__(self, shop: Shop, verdict: Verdict) -> None:
        self.client = shop.client()
        self.verdict = verdict
        self.statuses: Counter[int] = Counter()
        self.stopped = False

    async def arrive(self) -> None:
        """Sign up."""
        self.client.headers.update(await sign_up(self.client))

    async def work(self) -> None:
        """Until stopped."""
        while not self.stopped:
            for path in READS:
                await self._read(path)
        await self.client.aclose()

    async def _read(self, path: str) -> None:
        try:
            answer = await self.client.get(path)
        except httpx.TransportError as error:
            self.verdict.fail(f"the API did not answer: {error!r}")
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code not in ALLOWED or not is_documented(answer):
            self.verdict.fail(told(answer))
        await asyncio.sleep(0.01)


def _tell_reads(readers: list[Reader], verdict: Verdict) -> None:
    statuses = sum((reader.statuses for reader in readers), Counter[int]())
    verdict.counts["reads"] = statuses.total()
    told_statuses = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
    verdict.notes.append(f"answers to reads: {told_statuses}")
