"""One at a time for each content, over all processes: a row says who is at work, and until when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, delete, select, update

from app.analyses.models import ContentLease
from app.core.db import Database
from app.core.job_tables import Moment
from app.core.upsert import insert_into

log = structlog.get_logger("app")

LEASE_SECONDS = 10.0
"""So long after its last sign of life the work of a process that died is begun by another."""
BEATS_PER_LEASE = 4
LOOK_SECONDS = 0.1
"""How often it is looked whether another process has come to an end."""


@dataclass(frozen=True)
class Held:
    """The right to do some work on a content."""

    sha256: str
    work: str
    token: UUID


class Leases:
    """Takes and gives back leases, each in a unit of work of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def claim(self, sha256: str, work: str) -> Held | None:
        """The lease, unless somebody else has it."""
        held = Held(sha256, work, uuid4())
        async with self.database.transaction() as session:
            statement = insert_into(session, ContentLease).values(
                sha256=sha256, work=work, token=held.token, until=Moment(LEASE_SECONDS)
            )
            taken = statement.on_conflict_do_update(
                index_elements=[ContentLease.sha256, ContentLease.work],
                set_={"token": statement.excluded.token, "until": statement.excluded.until},
                where=ContentLease.until < Moment(),
            ).returning(ContentLease.token)
            token = (await session.execute(taken)).scalar_one_or_none()
        return held if token is not None else None

    async def wait(self, sha256: str, work: str) -> None:
        """Return when nobody is at it any more."""
        while not await self._is_free(sha256, work):  # noqa: ASYNC110 - another process ends it
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_free(self, sha256: str, work: str) -> bool:
        theirs = select(ContentLease.token).where(
            ContentLease.sha256 == sha256, ContentLease.work == work, ContentLease.until >= Moment()
        )
        async with self.database.reading() as session:
            return (await session.execute(theirs)).one_or_none() is None

    @asynccontextmanager
    async def kept(self, held: Held) -> AsyncIterator[None]:
        """Renew the lease while the work goes on, and give it back however that ends."""
        beating = asyncio.create_task(self._beat(held))
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait({beating})
            await self._give_back(held)

    async def _beat(self, held: Held) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / BEATS_PER_LEASE)
            statement = update(ContentLease).where(*_its(held)).values(until=Moment(LEASE_SECONDS))
            try:
                async with self.database.transaction() as session:
                    await session.execute(statement.execution_options(synchronize_session=False))
            except Exception as error:  # noqa: BLE001 - the work is worth more than the lease
                log.warning("lease not renewed", work=held.work, cause=repr(error))

    async def _give_back(self, held: Held) -> None:
        statement = delete(ContentLease).where(*_its(held))
        try:
            async with self.database.transaction() as session:
                await session.execute(statement.execution_options(synchronize_session=False))
        except Exception as error:  # noqa: BLE001 - it ends by itself
            log.warning("lease not given back", work=held.work, cause=repr(error))


def _its(held: Held) -> tuple[ColumnElement[bool], ...]:
    return (
        ContentLease.sha256 == held.sha256,
        ContentLease.work == held.work,
        ContentLease.token == held.token,
    )
