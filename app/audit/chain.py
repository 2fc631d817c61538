"""The chain of digests over audit records: how a link is made and how a broken one is found."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC

from app.audit.models import AuditRecord

BEFORE_THE_FIRST = "0" * 64
"""Stands where the first record has no predecessor."""


@dataclass(frozen=True)
class Link:
    """A place in the chain: ``digest`` covers the record there and everything before it."""

    position: int
    digest: str

    def next(self, record: AuditRecord) -> "Link":
        """The link that this record becomes."""
        return Link(self.position + 1, _digest(self.digest, record))

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


START = Link(0, BEFORE_THE_FIRST)


@dataclass(frozen=True)
class Broken:
    """Something that does not fit the chain, and where."""

    position: int
    record_id: str | None
    what: str

    def __str__(self) -> str:
        name = "the record" if self.record_id is None else f"record {self.record_id}"
        return f"{name} at position {self.position} {self.what}"


class Inspection:
    """Walks along the chain, record by record; ``head`` is the last link seen.

    ``known`` is a link noted before, elsewhere: whoever cuts the end of the chain off or makes it anew
    cannot make that fit.
    """

    def __init__(self, known: Link | None = None) -> None:
        self.head = START
        self._known = known

    def broken(self, records: Iterable[AuditRecord]) -> Iterator[Broken]:
        """What is wrong with these records, which follow those looked at before, by position.

        After a broken place the digest stored there is believed, so that each is named once.
        """
        for record in records:
            assert record.position is not None
            while self.head.position + 1 < record.position:
                self.head = Link(self.head.position + 1, "")
                yield Broken(self.head.position, None, "is missing")
            expected = self.head.next(record)
            if self.head.digest and record.digest != expected.digest:
                yield Broken(record.position, str(record.id), "was changed after it was sealed")
            self.head = Link(record.position, record.digest or "")
            if self._known and self._known.position == record.position and self._known != self.head:
                yield Broken(record.position, str(record.id), "is not the one that was noted")

    def end(self) -> Iterator[Broken]:
        """What is wrong with the end of the chain."""
        if self._known and self.head.position < self._known.position:
            yield Broken(self._known.position, None, "was noted and is missing")


def _digest(previous: str, record: AuditRecord) -> str:
    content = {
        "id": str(record.id),
        "created_at": record.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": record.actor_kind.value,
        "actor_id": None if record.actor_id is None else str(record.actor_id),
        "action": record.action,
        "object_kind": record.object_kind,
        "object_id": record.object_id,
        "before": record.before,
        "after": record.after,
        "address": record.address,
        "request_id": record.request_id,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
