"""Counts of what was asked how often, in one table for all processes.

A count is one row per rule and key, raised by one statement in a transaction of its own: it stays though
the request it belongs to fails, and nothing is locked while that request is worked on. So ask before the
unit of work of the request has written anything.
"""

import hashlib
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Database
from app.core.errors import TooManyRequests
from app.core.models import Base
from app.core.rates import BackOff, Limit
from app.core.upsert import insert_into

Place = tuple[str, str]
"""The primary key of a count: the name of its rule and the digest of its key."""


class RateCount(Base):
    """How often something was done under one rule by one key, of which only the SHA-256 is kept.

    ``blocked_until`` belongs to growing waits; a count whose time is over begins anew.
    """

    __tablename__ = "rate_counts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    blocked_until: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a rule leaves: ``remaining`` more within ``reset_seconds``."""

    name: str
    most: int
    window_seconds: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """The two fields of the IETF draft on RateLimit header fields."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={self.window_seconds}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.reset_seconds}',
        }

    def refusal(self) -> TooManyRequests:
        """The failure to raise when nothing is left."""
        return TooManyRequests(headers={**self.headers(), "Retry-After": str(self.reset_seconds)})


tightest: ContextVar[Allowance | None] = ContextVar("tightest", default=None)
"""Of the limits this request was counted against, the one that leaves least: what its answer tells."""


@dataclass(slots=True)
class _Share:
    """What this process may hand out of a count until it ends, and what was left for everybody then."""

    left: int
    rest: int
    ends_at: datetime


class RateLimiter:
    """Counts, and refuses what is too much, the same in every process on one database.

    A count that is used up is remembered here until it ends: who goes on asking costs the database nothing.
    """

    def __init__(self, database: Database, *, enabled: bool = True, remembered: int = 10_000) -> None:
        self._database = database
        self._enabled = enabled
        self._remembered = remembered
        self._shares: OrderedDict[Place, _Share] = OrderedDict()

    async def take(self, limit: Limit, *key: object, batch: int = 1, told: bool = True) -> Allowance | None:
        """Count one; what is left then, or ``None`` where limits are switched off.

        What is not ``told`` leaves the headers of the answer alone: it may speak of somebody else.

        With a ``batch`` this process counts so many at once and asks the database again when they are used
        up: cheaper and still never more than the limit, though what another process holds unused is lost to
        the key.

        Raises:
            TooManyRequests: nothing is left; says when to come back.
        """
        if not self._enabled:
            return None
        moment, place = now(), _place(limit.name, key)
        share = self._shares.get(place)
        if share is None or share.ends_at <= moment or (share.left == 0 and share.rest > 0):
            share = await self._draw(limit, place, batch, moment)
        seconds = _seconds_until(share.ends_at, moment)
        if share.left == 0:
            raise Allowance(limit.name, limit.most, limit.seconds, 0, seconds).refusal()
        share.left -= 1
        allowance = Allowance(limit.name, limit.most, limit.seconds, share.left + share.rest, seconds)
        known = tightest.get()
        if told and (known is None or allowance.remaining < known.remaining):
            tightest.set(allowance)
        return allowance

    async def note(self, limit: Limit, *key: object) -> None:
        """Remember that something happened, for as long as a count of this limit lasts."""
        if self._enabled:
            async with self._database.transaction() as session:
                await _raise_count(session, limit.window, _place(limit.name, key), 1, now())

    async def is_noted(self, limit: Limit, *key: object) -> bool:
        """Whether that is remembered; where limits are switched off nothing is."""
        if not self._enabled:
            return False
        statement = select(RateCount.count).where(_is(_place(limit.name, key)), RateCount.expires_at > now())
        async with self._database.reading() as session:
            return (await session.execute(statement)).one_or_none() is not None

    async def check(self, rule: BackOff, *key: object) -> None:
        """Let an attempt be made, unless the wait after the failures before it is not over.

        Say `failed` or `succeeded` afterwards: both refuse what was begun before the wait and ended in it, so
        many attempts at once gain nothing, and who succeeds at once never waits.

        Raises:
            TooManyRequests: says when to come back.
        """
        found = await self._waiting(rule, _place(rule.name, key)) if self._enabled else None
        if found is not None:
            raise found

    async def failed(self, rule: BackOff, *key: object) -> None:
        """Count a failure.

        Raises:
            TooManyRequests: there were too many meanwhile; this one counts no more.
        """
        if not self._enabled:
            return
        moment, place = now(), _place(rule.name, key)
        async with self._database.transaction() as session:
            blocked_until = await _count_failure(session, rule, place, moment)
        if blocked_until is not None:
            raise _refusal(rule, blocked_until, moment)

    async def succeeded(self, rule: BackOff, *key: object) -> None:
        """Forget the failures.

        Raises:
            TooManyRequests: there were too many meanwhile; the success must not be told.
        """
        if not self._enabled:
            return
        place = _place(rule.name, key)
        async with self._database.reading() as session:
            counted = (await session.execute(select(RateCount.count).where(_is(place)))).one_or_none()
        if counted is not None:
            await self.check(rule, *key)
            await self.forget(rule, *key)

    async def forget(self, rule: BackOff | Limit, *key: object) -> None:
        """Let the key begin anew; in a unit of work that has written, register it with `after_commit`."""
        place = _place(rule.name, key)
        self._shares.pop(place, None)
        async with self._database.transaction() as session:
            await session.execute(delete(RateCount).where(_is(place)))

    async def _waiting(self, rule: BackOff, place: Place) -> TooManyRequests | None:
        moment = now()
        async with self._database.reading() as session:
            blocked_until = await _blocked_until(session, place, moment)
        return None if blocked_until is None else _refusal(rule, blocked_until, moment)

    async def _draw(self, limit: Limit, place: Place, batch: int, moment: datetime) -> _Share:
        async with self._database.transaction() as session:
            count, ends_at = await _raise_count(session, limit.window, place, batch, moment)
        granted = min(batch, max(limit.most - (count - batch), 0))
        known = self._shares.pop(place, None)
        unused = known.left if known is not None and known.ends_at == ends_at else 0
        share = _Share(granted + unused, max(limit.most - count, 0), ends_at)
        self._shares[place] = share
        while len(self._shares) > self._remembered:
            self._shares.popitem(last=False)
        return share


def _refusal(rule: BackOff, blocked_until: datetime, moment: datetime) -> TooManyRequests:
    seconds = _seconds_until(blocked_until, moment)
    return Allowance(rule.name, rule.free, rule.forgotten_seconds, 0, seconds).refusal()


async def forget_expired_counts(session: AsyncSession) -> None:
    """Drop the counts whose time is over."""
    await session.execute(delete(RateCount).where(RateCount.expires_at <= now()))


async def _raise_count(
    session: AsyncSession, window: timedelta, place: Place, by: int, moment: datetime
) -> tuple[int, datetime]:
    """The count with ``by`` added and when it ends, in one statement."""
    insert = _insert(session, place, count=by, blocked_until=moment, expires_at=moment + window)
    is_over = RateCount.expires_at <= moment
    statement = insert.on_conflict_do_update(
        index_elements=[RateCount.name, RateCount.key_digest],
        set_={
            "count": case((is_over, by), else_=RateCount.count + by),
            "expires_at": case((is_over, insert.excluded.expires_at), else_=RateCount.expires_at),
        },
    ).returning(RateCount.count, RateCount.expires_at)
    count, ends_at = (await session.execute(statement)).one()
    return count, ends_at


async def _count_failure(
    session: AsyncSession, rule: BackOff, place: Place, moment: datetime
) -> datetime | None:
    """Count one failure, unless the key is blocked: then the moment until which it is."""
    forgotten_at = moment + timedelta(seconds=rule.forgotten_seconds)
    insert = _insert(session, place, count=1, blocked_until=moment, expires_at=forgotten_at)
    statement = insert.on_conflict_do_update(
        index_elements=[RateCount.name, RateCount.key_digest],
        set_={
            "count": case((RateCount.expires_at <= moment, 1), else_=RateCount.count + 1),
            "expires_at": insert.excluded.expires_at,
        },
        where=RateCount.blocked_until <= moment,
    ).returning(RateCount.count)
    failures = (await session.execute(statement)).scalar_one_or_none()
    if failures is None:
        return await _blocked_until(session, place, moment)
    wait = rule.wait_after(failures)
    if wait:
        await session.execute(update(RateCount).where(_is(place)).values(blocked_until=moment + wait))
    return None


async def _blocked_until(session: AsyncSession, place: Place, moment: datetime) -> datetime | None:
    statement = select(RateCount.blocked_until).where(_is(place), RateCount.blocked_until > moment)
    return (await session.execute(statement)).scalar_one_or_none()


def _insert(session: AsyncSession, place: Place, **values: object) -> Any:  # noqa: ANN401 - of two dialects
    name, key_digest = place
    return insert_into(session, RateCount).values(name=name, key_digest=key_digest, **values)


def _is(place: Place) -> ColumnElement[bool]:
    name, key_digest = place
    return and_(RateCount.name == name, RateCount.key_digest == key_digest)


def _place(name: str, key: tuple[object, ...]) -> Place:
    text = "\x1f".join(str(part) for part in key)
    return name, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _seconds_until(ends_at: datetime, moment: datetime) -> int:
    return max(ceil((ends_at - moment).total_seconds()), 1)
