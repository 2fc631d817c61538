"""Proposing, publishing and looking at versions of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.audit.service import SYSTEM, Actor, AuditLog
from app.catalog.client import CatalogClient
from app.catalog.differences import differences, own_changes, rows_from
from app.catalog.errors import (
    NothingChanged,
    VersionExists,
    VersionMissing,
    VersionOutdated,
    VersionPublished,
)
from app.catalog.library import VersionLibrary
from app.catalog.models import CatalogVersion, VersionOrigin, VersionStatus
from app.catalog.repository import VersionRepository
from app.catalog.schemas import RowChange, VersionCreate, VersionQuery, VersionRead, VersionRow
from app.catalog.service import CatalogueService
from app.contract.catalog_rows import CatalogChanges, CatalogContent, CatalogProposal, CatalogRow
from app.core.clock import now
from app.core.errors import WriteConflict, not_usable
from app.core.pagination import Slice

KIND = "catalog_version"
MOST_TOLD_ROWS = 100
"""Rows of a proposal that the audit log tells one by one; the version itself keeps them all."""


@dataclass(frozen=True)
class Export:
    """Rows, and what a file of them is called, without what follows the dot."""

    name: str
    rows: tuple[CatalogRow, ...]


class VersionReader:
    """Looking at versions."""

    def __init__(self, versions: VersionRepository) -> None:
        self.versions = versions

    async def search(self, query: VersionQuery) -> Slice[CatalogVersion]:
        """The versions that were asked for."""
        return await self.versions.list_all(query)

    async def name_of(self, version_id: UUID) -> str:
        """What a version is called by its content.

        Raises:
            VersionMissing: there is none.
        """
        name = await self.versions.name_of(version_id)
        if name is None:
            raise VersionMissing
        return name

    async def get(self, version_id: UUID) -> VersionRead:
        """One version with its rows and what it changes of its parent.

        Raises:
            VersionMissing: there is none.
        """
        version = await self.versions.find_with_rows(version_id)
        if version is None:
            raise VersionMissing
        parent = await self.versions.find_with_rows(version.parent_id)
        rows = rows_from(version.rows)
        changes = [] if parent is None else differences(rows_from(parent.rows), rows)
        return described(version, rows, changes)

    async def export(self, version_id: UUID, table: str | None) -> Export:
        """The rows of a version, or those of one of its tables.

        Raises:
            VersionMissing: there is none.
            Rejected: it has no such table.
        """
        version = await self.versions.find_with_rows(version_id)
        if version is None:
            raise VersionMissing
        rows = rows_from(version.rows)
        tables = dict.fromkeys(row.table for row in rows)
        if table is not None and table not in tables:
            raise not_usable("table", f"there are {', '.join(tables)}", "unknown")
        chosen = tuple(row for row in rows if table in (None, row.table))
        name = "-".join(filter(None, ("catalog", str(version.number), table)))
        return Export(name, chosen)


class VersionService:
    """Changing what prices go by; every act is written into the audit log."""

    def __init__(
        self,
        versions: VersionRepository,
        library: VersionLibrary,
        catalogue: CatalogueService,
        client: CatalogClient,
        audit: AuditLog,
    ) -> None:
        self.versions = versions
        self.library = library
        self.catalogue = catalogue
        self.client = client
        self.audit = audit

    async def propose(self, actor: Actor, draft: VersionCreate) -> VersionRead:
        """A draft on top of the published version; prices do not go by it yet.

        A draft with the same content that is there already is moved on top of the published version.

        Raises:
            CatalogInvalid: the changes make no catalogue; the errors name file and line, or the row.
            NothingChanged: they make the published one.
            VersionExists: they make one that was published before.
        """
        base = await self.versions.published()
        if base is None:
            raise VersionMissing
        await self.versions.release()
        content = await self._checked(base.version, draft)
        if content.version == base.version:
            raise NothingChanged
        version = await self._draft(content, base)
        version.note, version.created_by = draft.note, actor.id
        changes = differences(rows_from(base.rows), content.rows)
        await self._note(actor, "catalog.proposed", version, *_told(version, changes))
        return described(version, content.rows, changes)

    async def publish(self, actor: Actor, version_id: UUID) -> CatalogVersion:
        """From now on prices go by this version; one that was published before rolls back to it.

        Raises:
            VersionMissing: there is none.
            VersionPublished: they do already.
            VersionOutdated: a draft on top of a version that has been replaced since.
            CatalogInvalid: the calculator cannot price by its rows.
        """
        found = await self.versions.find_with_rows(version_id)
        if found is None:
            raise VersionMissing
        await self.versions.release()
        await self.client.send(CatalogContent(version=found.version, rows=rows_from(found.rows)))
        current = await self.versions.published_for_update()
        version = await self.versions.find_for_update(version_id)
        if version is None or current is None:
            raise WriteConflict  # somebody else is publishing at this moment
        if version.id == current.id:
            raise VersionPublished
        if version.status is VersionStatus.draft and version.parent_id != current.id:
            raise VersionOutdated
        await self._replace(actor, current, version)
        return version

    async def adopt(self, shipped: CatalogContent) -> None:
        """Take in what a calculator came with, if nobody has seen it yet.

        The very first is published. A newer one replaces one that came with a calculator before; on a
        catalogue of the shop's own it is the new ground for the shop's changes.

        Raises:
            CatalogInvalid: those changes do not fit what the calculator came with.
        """
        if await self.versions.find_by_content(shipped.version) is not None:
            return
        seen, ground = await self.versions.published(), await self.versions.last_shipped()
        await self.versions.release()
        merged = shipped
        if seen is not None and ground is not None and seen.origin is not VersionOrigin.shipped:
            own = own_changes(rows_from(ground.rows), rows_from(seen.rows), shipped.rows)
            merged = await self._checked(shipped.version, own)
        await self._take_in(shipped, merged, seen)

    async def _take_in(
        self, shipped: CatalogContent, merged: CatalogContent, seen: CatalogVersion | None
    ) -> None:
        current = await self.versions.published_for_update()
        row = _row(await self.versions.next_number(), shipped, VersionOrigin.shipped, current)
        row.status = VersionStatus.retired
        if current is None:
            row.status, row.published_at = VersionStatus.published, now()
        if not await self.versions.add_unless_there(row):
            return  # another process saw it at the same moment
        if (current and current.id) != (seen and seen.id):
            raise WriteConflict
        await self._note(SYSTEM, "catalog.adopted", row)
        self.versions.after_commit(self.library.forget)
        if current is not None and merged.version != current.version:
            await self._replace(SYSTEM, current, await self._merged(merged, current))

    async def _merged(self, content: CatalogContent, current: CatalogVersion) -> CatalogVersion:
        there = await self.versions.find_by_content(content.version)
        if there is not None:
            return there
        row = _row(await self.versions.next_number(), content, VersionOrigin.merged, current)
        return await self.versions.add(row)

    async def _draft(self, content: CatalogContent, base: CatalogVersion) -> CatalogVersion:
        twin = await self.versions.find_by_content(content.version)
        if twin is None:
            row = _row(await self.versions.next_number(), content, VersionOrigin.proposed, base)
            return await self.versions.add(row)
        if twin.status is not VersionStatus.draft:
            raise VersionExists(f"Version {twin.number} has exactly this content; publish that one.")
        twin.parent_id = base.id
        return twin

    async def _replace(self, actor: Actor, current: CatalogVersion, version: CatalogVersion) -> None:
        before, after = _named(current), _named(version)
        current.status = VersionStatus.retired
        await self.versions.flush()  # two are never published at once, not even within a transaction
        version.status, version.published_at, version.published_by = VersionStatus.published, now(), actor.id
        await self.versions.flush()
        await self._note(actor, "catalog.published", version, before, after)
        self.versions.after_commit(self.library.forget)

    async def _checked(self, base: str, changes: CatalogChanges) -> CatalogContent:
        """The version that changes make of a base, by the calculator, which knows what rows may be."""
        parts = {name: getattr(changes, name) for name in CatalogChanges.model_fields}

        async def ask(version: str) -> CatalogContent:
            return await self.client.propose(CatalogProposal(base=version, **parts))

        return await self.catalogue.by_version(base, ask)

    async def _note(
        self,
        actor: Actor,
        action: str,
        version: CatalogVersion,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        if before is None and after is None:
            after = _named(version)
        await self.audit.record(actor, action, KIND, version.id, before=before, after=after)


def described(
    version: CatalogVersion, rows: Sequence[CatalogRow], changes: Sequence[RowChange]
) -> VersionRead:
    """The version with its rows and changes."""
    return VersionRead(**dict(VersionRow.model_validate(version)), rows=list(rows), changes=list(changes))


def _row(
    number: int, content: CatalogContent, origin: VersionOrigin, parent: CatalogVersion | None
) -> CatalogVersion:
    return CatalogVersion(
        number=number,
        version=content.version,
        status=VersionStatus.draft,
        origin=origin,
        parent_id=None if parent is None else parent.id,
        note="",
        rows=[row.model_dump(mode="json") for row in content.rows],
    )


def _named(version: CatalogVersion) -> dict[str, Any]:
    return {"number": version.number, "version": version.version, "note": version.note}


def _told(version: CatalogVersion, changes: Sequence[RowChange]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The changed rows before and after, the first of them if there are very many."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {**_named(version), "changed_rows": len(changes)}
    for change in changes[:MOST_TOLD_ROWS]:
        before[f"{change.table}/{change.key}"] = change.before
        after[f"{change.table}/{change.key}"] = change.after
    return before, after
