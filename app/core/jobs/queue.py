"""The questions a worker asks the outbox: what may I do, is it still mine, how did it end."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    CursorResult,
    Float,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate

from app.core.db import Database
from app.core.job_tables import JobRate, JobSignal, JobStatus, Moment, OutboxMessage, is_status, is_unfinished
from app.core.jobs.context import Lease
from app.core.jobs.definitions import Rate, Slots
from app.core.jobs.enqueue import insert_new
from app.core.jobs.registry import Registry


@dataclass(frozen=True)
class Claimed:
    """A job that is ours for the time of its lease."""

    lease: Lease
    handler: str
    payload: dict[str, Any]
    attempt: int


@dataclass(frozen=True, eq=False)
class Group:
    """Handlers that are claimed together: those under the same limits, or all that have none.

    Their statements are asked many times a second, so they are put together once.
    """

    rate: Rate | None
    slots: Slots | None
    handlers: frozenset[str]
    look: Select[bool]
    """Whether there is something to do; locks nothing."""
    mark: ReturningUpdate[Any]
    """Take so many ``places`` for this ``worker`` under this ``token``, for so many ``seconds``."""

    def room(self, places: int, running: Collection[str]) -> int:
        """How many of its jobs may be taken beside those of the handlers that are ``running`` here."""
        turns = places if self.rate is None else min(places, 1)
        if self.slots is None:
            return turns
        return min(turns, self.slots.at_once - sum(handler in self.handlers for handler in running))


class TooSoon(Exception):
    """Another worker took the turn under a shared limit first."""


class JobQueue:
    """The outbox as one worker sees it."""

    def __init__(self, database: Database, registry: Registry, *, worker: str, lease_seconds: float) -> None:
        self.database = database
        self.registry = registry
        self.worker = worker
        self.lease_seconds = lease_seconds
        self._groups = deque(_groups(registry))
        self._busy: set[Group] = set()
        """Where there was work last time, and where it is not asked first whether there is some."""

    async def open(self) -> None:
        """Make the rows of the shared limits, so that nobody races for one that is not there."""
        rows = [{"name": name} for name in self.registry.rates]
        if rows:
            async with self.database.transaction() as session:
                await insert_new(session, JobRate, rows, next_at=Moment())

    async def claim(self, places: int, running: Collection[str] = ()) -> list[Claimed]:
        """At most so many jobs that may run now, at most one for each key and each turn under a limit.

        ``running``: the handler of each job that this worker has at work, for those that share slots.
        """
        claimed: list[Claimed] = []
        self._groups.rotate(-1)  # so that no group takes all the places every time
        for group in self._groups:
            room = group.room(places - len(claimed), running)
            if room > 0 and (group in self._busy or await self._is_there_work(group)):
                claimed += await self._take(group, room)
        return claimed

    async def _is_there_work(self, group: Group) -> bool:
        async with self.database.reading() as session:
            return (await session.execute(group.look)).scalar_one()

    async def _take(self, group: Group, places: int) -> list[Claimed]:
        try:
            async with self.database.transaction() as session:
                rows = await self._mark(session, group, places)
                if rows and group.rate is not None:
                    await _take_turn(session, group.rate)
        except (IntegrityError, TooSoon):
            # a twin of the same key was begun, or the turn taken, between our look and our write
            return []
        (self._busy.add if rows and group.rate is None else self._busy.discard)(group)
        return rows

    async def _mark(self, session: AsyncSession, group: Group, places: int) -> list[Claimed]:
        token = uuid4()
        given = {"places": places, "worker": self.worker, "token": token, "seconds": self.lease_seconds}
        return [
            Claimed(Lease(row.id, token, self.lease_seconds), row.handler, row.payload, row.attempts)
            for row in await session.execute(group.mark, given)
        ]

    async def lost(self, leases: Collection[Lease]) -> list[Lease]:
        """Renew the leases; those of jobs that belong to others by now.

        Rows that are locked are left alone: their runs are being committed, and nobody may hold up the rest.
        """
        ours = and_(
            OutboxMessage.id.in_([lease.job_id for lease in leases]),
            OutboxMessage.lease_token.in_({lease.token for lease in leases}),
        )
        is_running = is_status(OutboxMessage.status, JobStatus.running)
        free = select(OutboxMessage.seq).where(ours, is_running).with_for_update(skip_locked=True).cte("free")
        async with self.database.transaction() as session:
            await session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.seq.in_(select(free.c.seq)))
                .values(lease_until=Moment(self.lease_seconds))
                .execution_options(synchronize_session=False)
            )
            kept = await session.execute(select(OutboxMessage.id, OutboxMessage.lease_token).where(ours))
            known = {(job_id, token) for job_id, token in kept}
        return [lease for lease in leases if (lease.job_id, lease.token) not in known]

    async def rest(self, lease: Lease, seconds: float, error: str, *, is_counted: bool = True) -> None:
        """Back into the queue for so many seconds; raises ``LeaseLost`` as all that follow."""
        attempts = {} if is_counted else {"attempts": OutboxMessage.attempts - 1}
        await self._end(lease, status=JobStatus.queued, run_at=Moment(seconds), error=error, **attempts)

    async def park(self, lease: Lease, error: str) -> None:
        """To the dead letters."""
        await self._end(lease, status=JobStatus.dead, finished_at=Moment(), error=error)

    async def suspend(self, lease: Lease, topic: str) -> None:
        """Until the signal comes; at once if it came in the meantime."""
        told = select(JobSignal.topic).where(JobSignal.job_id == lease.job_id, JobSignal.topic == topic)
        async with self.database.transaction() as session:
            await lease.fence(
                session, status=JobStatus.waiting, waits_for=topic, attempts=0, lease_until=None
            )
            if (await session.execute(told)).one_or_none() is not None:
                await session.execute(
                    update(OutboxMessage)
                    .where(OutboxMessage.id == lease.job_id)
                    .values(status=JobStatus.queued, run_at=Moment(), waits_for=None)
                    .execution_options(synchronize_session=False)
                )

    async def give_back(self, leases: Collection[Lease]) -> None:
        """Let others have the jobs at once, as if they had never been claimed."""
        async with self.database.transaction() as session:
            for lease in leases:
                await session.execute(
                    lease.change(
                        status=JobStatus.queued, attempts=OutboxMessage.attempts - 1, lease_until=None
                    )
                )

    async def _end(self, lease: Lease, **values: Any) -> None:  # noqa: ANN401 - whatever the columns take
        async with self.database.transaction() as session:
            await lease.fence(session, lease_until=None, **values)


def _groups(registry: Registry) -> list[Group]:
    names: dict[tuple[Rate | None, Slots | None], list[str]] = {}
    for handling in registry.handlings:
        names.setdefault((handling.rate, handling.slots), []).append(handling.name)
    return [
        Group(rate, slots, frozenset(handlers), _look(handlers, rate), _mark(handlers))
        for (rate, slots), handlers in names.items()
    ]


def _look(handlers: Sequence[str], rate: Rate | None) -> Select[bool]:
    is_due = true() if rate is None else exists().where(_is_due(rate))
    return select(and_(is_due, _ready(handlers).limit(1).exists()))


def _mark(handlers: Sequence[str]) -> ReturningUpdate[Any]:
    places = bindparam("places", type_=Integer())
    picked = _ready(handlers).limit(places).with_for_update(skip_locked=True).cte("picked")
    return (
        update(OutboxMessage)
        .where(OutboxMessage.seq.in_(select(picked.c.seq)))
        .values(
            status=JobStatus.running,
            attempts=OutboxMessage.attempts + 1,
            worker=bindparam("worker"),
            lease_token=bindparam("token"),
            lease_until=Moment(bindparam("seconds", type_=Float())),
        )
        .returning(OutboxMessage.id, OutboxMessage.handler, OutboxMessage.payload, OutboxMessage.attempts)
        .execution_options(synchronize_session=False)
    )


def _ready(handlers: Sequence[str]) -> Select[int]:
    """Jobs that may run: due or left behind, and nothing of the same key before them or running.

    Put as cases, not as alternatives: SQLite would take each of those from an index of its own, and look
    through the whole queue for every job of it.
    """
    job, other = OutboxMessage, aliased(OutboxMessage)
    is_queued = is_status(job.status, JobStatus.queued)
    parked = is_status(other.status, JobStatus.dead, JobStatus.waiting)
    stands = case(
        (is_status(other.status, JobStatus.running), true()),
        (is_status(other.status, JobStatus.queued), other.seq < job.seq),
        (and_(other.holds_key, parked), other.seq < job.seq),
        else_=false(),
    )
    blocked = exists().where(
        other.key == job.key, other.seq != job.seq, is_unfinished(other.status), stands == true()
    )
    return (
        select(job.seq)
        .where(
            is_status(job.status, JobStatus.queued, JobStatus.running),
            job.run_at <= Moment(),
            case((is_queued, true()), else_=job.lease_until < Moment()) == true(),
            job.handler.in_(handlers),
            ~blocked,
        )
        .order_by(job.run_at, job.seq)
    )


def _is_due(rate: Rate) -> Any:  # noqa: ANN401 - a condition
    return and_(JobRate.name == rate.name, JobRate.next_at <= Moment())


async def _take_turn(session: AsyncSession, rate: Rate) -> None:
    """One worker at a time gets past this row, and finds it moved on."""
    taken = await session.execute(
        update(JobRate)
        .where(_is_due(rate))
        .values(next_at=Moment(1 / rate.per_second))
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        raise TooSoon
