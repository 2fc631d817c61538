"""What features declare in their ``jobs.py``: who listens to what, how often, with how much patience."""

import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from pydantic import TypeAdapter

from app.core.events import Event
from app.core.job_tables import HANDLER_CHARS
from app.core.jobs.context import JobContext

E = TypeVar("E", bound=Event)

UNIT_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
PERIOD = re.compile(r"([1-9][0-9]*) (s|min|h|day|days)")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
LEAST_JITTER = 0.5


@dataclass(frozen=True)
class Retry:
    """How often a failing job is tried, and how long it rests in between.

    The rest doubles from ``base_seconds`` up to ``cap_seconds`` and is shortened by up to a half at random,
    so that what failed together does not come back together.
    """

    attempts: int = 10
    base_seconds: float = 1.0
    cap_seconds: float = 300.0

    def rest_seconds(self, attempt: int, dice: Callable[[float, float], float] = random.uniform) -> float:
        """How long to rest after the attempt with this number, from 1."""
        longest = min(self.cap_seconds, self.base_seconds * 2.0 ** min(attempt - 1, 60))
        return longest * dice(LEAST_JITTER, 1.0)


@dataclass(frozen=True)
class Rate:
    """A limit that every worker of every machine respects together, evenly spaced."""

    name: str
    per_second: float


@dataclass(frozen=True)
class Slots:
    """So many jobs at a time in each worker, of all handlers that share them; the others stay in the queue.

    For work that waits for a neighbour who can do only so much: it would take the places of everything else.
    """

    name: str
    at_once: int


@dataclass(frozen=True)
class Handling:
    """How a handler is run; the name is a promise, as jobs are stored under it."""

    name: str
    retry: Retry = Retry()
    rate: Rate | None = None
    slots: Slots | None = None
    limit_seconds: float = 600.0
    """A run that takes longer has failed."""
    holds_key: bool = False
    """Whether a job that is dead or waits for a signal keeps those behind it waiting."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > HANDLER_CHARS:
            raise ValueError(f"{self.name!r}: a handler is called like 'feature.what_it_does'")
        if self.rate is not None and self.slots is not None:
            raise ValueError(f"{self.name!r}: a handler has a rate or slots, not both")


class Options(TypedDict, total=False):
    """What a feature may say about its handler besides the name, see :class:`Handling`."""

    retry: Retry
    rate: Rate
    slots: Slots
    limit_seconds: float
    holds_key: bool


@dataclass(frozen=True)
class Subscription(Generic[E]):
    """Somebody who listens to an event."""

    event: type[E]
    handling: Handling
    work: Callable[[JobContext, E], Awaitable[None]] = field(repr=False)
    lane: str
    """Handlers of one lane share their queues: one job at a time for each key, whoever of them it is for."""

    @cached_property
    def json(self) -> TypeAdapter[E]:
        """What turns the event into JSON and back."""
        return TypeAdapter(self.event)

    async def run(self, context: JobContext, payload: dict[str, Any]) -> None:
        """Do it for the event that was stored so; raises ``ValueError`` when it cannot be read any more."""
        await self.work(context, self.json.validate_python(payload))


@dataclass(frozen=True)
class Schedule:
    """Something done again and again, by one worker at a time."""

    period_seconds: int
    handling: Handling
    work: Callable[[JobContext], Awaitable[None]] = field(repr=False)

    async def run(self, context: JobContext, _: dict[str, Any]) -> None:
        """Do it."""
        await self.work(context)


def on(
    event: type[E],
    *,
    name: str,
    lane: str | None = None,
    **options: Unpack[Options],
) -> Callable[[Callable[[JobContext, E], Awaitable[None]]], Subscription[E]]:
    """Subscribe: the function runs once in effect for every published event, in a job of its own.

    Jobs about the same thing (``event.key``) run in the order of publishing, one at a time; a job that
    rests before its next attempt keeps those behind it waiting. ``lane`` lets several handlers stand in one
    queue, so that "placed" and "cancelled" of an order reach a neighbour in this order.
    """
    handling = Handling(name, **options)

    def subscribed(work: Callable[[JobContext, E], Awaitable[None]]) -> Subscription[E]:
        return Subscription(event, handling, work, lane or name)

    return subscribed


def every(
    period: str,
    *,
    name: str,
    **options: Unpack[Options],
) -> Callable[[Callable[[JobContext], Awaitable[None]]], Schedule]:
    """Schedule: the function runs once in every period: ``"30 s"``, ``"10 min"``, ``"1 h"``, ``"1 day"``.

    Periods are counted from 1970 by the database's clock. A period in which no worker was there is left out,
    and one that begins while the last run goes on as well.
    """
    period_seconds, handling = seconds_of(period), Handling(name, **options)

    def scheduled(work: Callable[[JobContext], Awaitable[None]]) -> Schedule:
        return Schedule(period_seconds, handling, work)

    return scheduled


def seconds_of(period: str) -> int:
    """The seconds of a period; raises ``ValueError`` for what is none."""
    match = PERIOD.fullmatch(period)
    if match is None:
        raise ValueError(f"{period!r}: a period is written like '10 min', in {', '.join(UNIT_SECONDS)}")
    return int(match[1]) * UNIT_SECONDS[match[2]]
