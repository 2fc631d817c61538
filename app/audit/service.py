"""Writing the audit log, reading it, and sealing it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from app.audit.chain import Broken, Inspection, Link
from app.audit.models import ActorKind, AuditRecord
from app.audit.repository import AuditRepository
from app.audit.schemas import AuditQuery
from app.core.pagination import Slice

SEALED_AT_ONCE = 2000
READ_AT_ONCE = 1000

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Actor:
    """Who acts."""

    kind: ActorKind
    id: UUID | None = None

    @classmethod
    def user(cls, user_id: UUID) -> "Actor":
        """Somebody signed in."""
        return cls(ActorKind.user, user_id)


SYSTEM = Actor(ActorKind.system)
"""Jobs and commands of the operator."""


@dataclass(frozen=True)
class Origin:
    """Where an act comes from: the address and the id of the request; both empty for jobs."""

    address: str = ""
    request_id: str | None = None


@dataclass(frozen=True)
class Report:
    """What an inspection found: broken places, the head of the chain, and what is not in it yet."""

    broken: list[Broken]
    head: Link
    unsealed: int
    unsealed_since: datetime | None


class AuditLog:
    """Acts, written in the transaction of what they tell of."""

    def __init__(self, records: AuditRepository, origin: Origin) -> None:
        self.records = records
        self.origin = origin

    async def record(
        self,
        actor: Actor,
        action: str,
        object_kind: str,
        object_id: object,
        *,
        before: Fields | None = None,
        after: Fields | None = None,
    ) -> None:
        """Write down one act: what was called and done, on which object, with the fields that changed.

        ``before`` and ``after`` may hold whole objects; fields that are equal in both are left out. They
        must not hold secrets.
        """
        old, new = _changed(before, after)
        await self.records.add(
            AuditRecord(
                actor_kind=actor.kind,
                actor_id=actor.id,
                action=action,
                object_kind=object_kind,
                object_id=None if object_id is None else str(object_id),
                before=old,
                after=new,
                address=self.origin.address,
                request_id=self.origin.request_id,
            )
        )

    async def search(self, query: AuditQuery) -> Slice[AuditRecord]:
        """One page of the log."""
        return await self.records.search(query)

    async def seal(self) -> Link | None:
        """Put a batch of what is not in the chain yet into it; its new head, ``None`` if nothing was left."""
        waiting = await self.records.unsealed(SEALED_AT_ONCE)
        if not waiting:
            return None
        head = await self.records.head()
        for record in waiting:
            head = head.next(record)
            record.position, record.digest = head.position, head.digest
        return head

    async def inspect(self, known: Link | None = None) -> Report:
        """Walk along the whole chain.

        ``known`` is a head noted before, elsewhere: the chain must still go through it.
        """
        inspection, broken = Inspection(known), list[Broken]()
        async for records in self._chain():
            broken += inspection.broken(records)
        broken += inspection.end()
        unsealed, since = await self.records.count_unsealed()
        return Report(broken, inspection.head, unsealed, since)

    async def _chain(self) -> AsyncIterator[list[AuditRecord]]:
        position = 0
        while records := await self.records.sealed_after(position, READ_AT_ONCE):
            yield list(records)
            position = records[-1].position or 0


def _changed(before: Fields | None, after: Fields | None) -> tuple[Fields | None, Fields | None]:
    old = None if before is None else to_jsonable_python(dict(before))
    new = None if after is None else to_jsonable_python(dict(after))
    if old is None or new is None:
        return old, new
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return (
        {name: old[name] for name in differing if name in old},
        {name: new[name] for name in differing if name in new},
    )
