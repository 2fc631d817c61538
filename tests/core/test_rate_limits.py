import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, func, select
from time_machine import Traveller

from app.core.db import Database
from app.core.errors import TooManyRequests
from app.core.rate_limits import RateCount, RateLimiter, forget_expired_counts
from app.core.rates import BackOff, Limit

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
THREE = Limit("three", 3, 60)
GROWING = BackOff("growing", free=2, first_seconds=4, longest_seconds=60, forgotten_seconds=600)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def statements(db: Database) -> Iterator[list[str]]:
    """What the database is asked from now on."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def taken(limiter: RateLimiter, limit: Limit, times: int, *key: str, batch: int = 1) -> int:
    """How many of so many were let through."""
    results = [await _took(limiter, limit, *key, batch=batch) for _ in range(times)]
    return sum(results)


async def _took(limiter: RateLimiter, limit: Limit, *key: str, batch: int = 1) -> bool:
    try:
        await limiter.take(limit, *key, batch=batch)
    except TooManyRequests:
        return False
    return True


async def refused(limiter: RateLimiter, rule: BackOff, *key: str) -> int | None:
    """The seconds an attempt has to wait, or ``None`` when it may be made."""
    try:
        await limiter.check(rule, *key)
        await limiter.failed(rule, *key)
    except TooManyRequests as refusal:
        return int(refusal.headers["Retry-After"])
    return None


class TestTake:
    async def test_lets_so_many_through_and_no_more(self, db: Database) -> None:
        limiter = RateLimiter(db)

        assert await taken(limiter, THREE, 5, "anna") == 3
        assert await taken(limiter, THREE, 5, "boris") == 3
        assert await taken(limiter, Limit("other", 1, 60), 5, "anna") == 1

    async def test_tells_what_is_left_and_for_how_long(self, db: Database, clock: Traveller) -> None:
        limiter = RateLimiter(db)
        await limiter.take(THREE, "anna")
        clock.shift(20)

        allowance = await limiter.take(THREE, "anna")

        assert allowance is not None
        assert allowance.headers() == {
            "RateLimit-Policy": '"three";q=3;w=60',
            "RateLimit": '"three";r=1;t=40',
        }

    async def test_a_refusal_says_when_to_come_back(self, db: Database, clock: Traveller) -> None:
        limiter = RateLimiter(db)
        await taken(limiter, THREE, 3, "anna")
        clock.shift(timedelta(seconds=45, milliseconds=500))

        with pytest.raises(TooManyRequests) as refusal:
            await limiter.take(THREE, "anna")

        assert refusal.value.headers == {
            "RateLimit-Policy": '"three";q=3;w=60',
            "RateLimit": '"three";r=0;t=15',
            "Retry-After": "15",
        }

    async def test_begins_anew_when_the_time_is_over(self, db: Database, clock: Traveller) -> None:
        limiter = RateLimiter(db)
        await taken(limiter, THREE, 5, "anna")
        clock.shift(60)

        assert await taken(limiter, THREE, 5, "anna") == 3

    async def test_processes_share_their_counts(self, live: Database) -> None:
        limiters = [RateLimiter(live) for _ in range(4)]
        ten = Limit("ten", 10, 60)

        results = await asyncio.gather(*(_took(limiters[n % 4], ten, "anna") for n in range(40)))

        assert sum(results) == 10

    async def test_batches_never_give_more_than_the_limit(self, live: Database) -> None:
        limiters = [RateLimiter(live) for _ in range(3)]
        hundred = Limit("hundred", 100, 60)

        results = await asyncio.gather(
            *(_took(limiters[n % 3], hundred, "anna", batch=7) for n in range(240))
        )

        assert sum(results) == 100

    async def test_a_batch_asks_the_database_once(self, db: Database, statements: list[str]) -> None:
        await taken(RateLimiter(db), Limit("many", 100, 60), 20, "anna", batch=20)

        assert sum("rate_counts" in statement for statement in statements) == 1

    async def test_who_was_refused_costs_the_database_nothing(
        self, db: Database, statements: list[str]
    ) -> None:
        limiter = RateLimiter(db)
        await taken(limiter, THREE, 4, "anna")
        statements.clear()

        assert await taken(limiter, THREE, 50, "anna") == 0
        assert statements == []

    async def test_remembers_so_many_keys_and_no_more(self, db: Database) -> None:
        limiter = RateLimiter(db, remembered=2)

        for key in ("anna", "boris", "clara"):
            await limiter.take(THREE, key)

        assert await taken(limiter, THREE, 5, "anna") == 2

    async def test_nothing_is_counted_where_limits_are_off(self, db: Database) -> None:
        limiter = RateLimiter(db, enabled=False)

        assert await taken(limiter, THREE, 50, "anna") == 50
        assert await refused(limiter, GROWING, "anna") is None

    async def test_the_key_itself_is_not_kept(self, db: Database) -> None:
        await RateLimiter(db).take(THREE, "anna@example.com", "192.0.2.1")

        async with db.reading() as session:
            row = (await session.execute(select(RateCount))).scalar_one()
        assert row.name == "three"
        assert len(row.key_digest) == 64


class TestAttempt:
    async def test_waits_grow_with_every_failure(self, db: Database, clock: Traveller) -> None:
        limiter, waits = RateLimiter(db), []

        for _ in range(12):
            wait = await refused(limiter, GROWING, "anna")
            waits.append(wait)
            clock.shift(wait or 0)

        assert waits == [None, None, 4, None, 8, None, 16, None, 32, None, 60, None]

    async def test_many_at_once_gain_nothing(self, live: Database) -> None:
        limiters = [RateLimiter(live) for _ in range(3)]

        waits = await asyncio.gather(*(refused(limiters[n % 3], GROWING, "anna") for n in range(30)))

        assert waits.count(None) == 2

    async def test_a_refused_attempt_does_not_lengthen_the_wait(self, db: Database, clock: Traveller) -> None:
        limiter = RateLimiter(db)
        for _ in range(20):
            await refused(limiter, GROWING, "anna")
        clock.shift(3)

        assert await refused(limiter, GROWING, "anna") == 1

    async def test_success_begins_anew(self, db: Database) -> None:
        limiter = RateLimiter(db)
        await limiter.failed(GROWING, "anna")
        await limiter.succeeded(GROWING, "anna")

        assert [await refused(limiter, GROWING, "anna") for _ in range(3)] == [None, None, 4]

    async def test_so_does_a_long_quiet_time(self, db: Database, clock: Traveller) -> None:
        limiter = RateLimiter(db)
        for _ in range(2):
            await limiter.failed(GROWING, "anna")
        clock.shift(600)

        assert [await refused(limiter, GROWING, "anna") for _ in range(3)] == [None, None, 4]

    async def test_a_success_that_comes_too_late_is_not_told(self, db: Database) -> None:
        limiter = RateLimiter(db)
        await limiter.check(GROWING, "anna")
        for _ in range(3):
            await refused(limiter, GROWING, "anna")

        with pytest.raises(TooManyRequests):
            await limiter.succeeded(GROWING, "anna")

    async def test_many_successes_at_once_wait_for_nobody(self, live: Database) -> None:
        limiter = RateLimiter(live)

        for _ in range(20):
            await limiter.check(GROWING, "anna")
        for _ in range(20):
            await limiter.succeeded(GROWING, "anna")

        async with live.reading() as session:
            assert list(await session.scalars(select(RateCount))) == []

    async def test_others_wait_for_nobody(self, db: Database) -> None:
        limiter = RateLimiter(db)
        for _ in range(3):
            await refused(limiter, GROWING, "anna", "192.0.2.1")

        assert await refused(limiter, GROWING, "anna", "192.0.2.2") is None


class TestForgetExpiredCounts:
    async def test_keeps_what_still_counts(self, db: Database, clock: Traveller) -> None:
        limiter = RateLimiter(db)
        await limiter.take(THREE, "anna")
        clock.shift(61)
        await limiter.take(THREE, "boris")

        async with db.transaction() as session:
            await forget_expired_counts(session)

        async with db.reading() as session:
            assert (await session.execute(select(func.count()).select_from(RateCount))).scalar_one() == 1
