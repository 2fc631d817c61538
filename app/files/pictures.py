"""Pictures, models and progress of files for those who may see them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.analyses.models import Picture
from app.analyses.pictures import MODEL, PREPARED, PictureService, check_drawable, is_current, preview_kind
from app.analyses.service import facts_from
from app.audit.service import Actor, AuditLog
from app.core.clock import now
from app.core.db import Database
from app.core.events import Event
from app.core.jobs import Registry
from app.core.outbox import Outbox
from app.core.storage import BlobMissing
from app.files.errors import FileMissing
from app.files.events import PartOutdated, PictureAsked
from app.files.models import File
from app.files.progress import FileProgress, progress_of
from app.files.repository import FileRepository
from app.files.schemas import Pending, pending
from app.files.service import FileService

SETTLING = timedelta(minutes=1)
"""So long what every file gets by itself is not asked for besides."""
ASKED_AGAIN = timedelta(minutes=10)
"""So long what was asked for is not asked for once more."""


@dataclass(frozen=True)
class Drawn:
    """A picture on its way out."""

    etag: str
    size_bytes: int
    chunks: AsyncIterator[bytes]


class FilePictures:
    """What is drawn of files."""

    def __init__(
        self, files: FileService, pictures: PictureService, database: Database, registry: Registry
    ) -> None:
        self.files = files
        self.pictures = pictures
        self.database = database
        self.registry = registry

    async def preview(
        self, viewer_id: UUID | None, file_id: UUID, size_px: int, *, has_link: bool
    ) -> Drawn | None:
        """A picture of at least this size, or the largest; ``None`` as long as there is none."""
        file = await self.files.find(viewer_id, file_id, has_link=has_link)
        return await self._drawn(file, preview_kind(size_px))

    async def model(self, viewer_id: UUID | None, file_id: UUID, *, has_link: bool) -> Drawn | Pending:
        """The model.

        Raises:
            CadUnreadable, CadInvalid, CadTooComplex: the part can have none.
        """
        file = await self.files.find(viewer_id, file_id, has_link=has_link)
        if file.analysed is not None and file.analysed.failure_code is not None:
            facts_from(file.analysed)
        known = await self.pictures.find(file.sha256, MODEL)
        if known is not None:
            check_drawable(known)
        drawn = await self._drawn(file, MODEL)
        return drawn or pending(file)

    async def progress(self, viewer_id: UUID | None, file_id: UUID, *, has_link: bool) -> FileProgress:
        """How far the file is."""
        file = await self.files.find(viewer_id, file_id, has_link=has_link)
        return progress_of(file, await self.pictures.of(file.sha256))

    async def look(self, file_id: UUID) -> FileProgress | None:
        """The same once more, for whoever may; ``None`` when the file is gone."""
        async with self.database.reading() as session:
            file = await FileRepository(session).get(file_id)
        return None if file is None else progress_of(file, await self.pictures.of(file.sha256))

    async def _drawn(self, file: File, kind: str) -> Drawn | None:
        known = await self.pictures.find(file.sha256, kind)
        if known is None or not is_current(known):
            await self._ask(file, kind)
        if known is None or known.storage_key is None:
            return None
        try:
            return Drawn(_etag(known), known.size_bytes or 0, await self.pictures.open(known.storage_key))
        except BlobMissing:  # drawn anew this moment, or lost
            await self.pictures.forget(file.sha256)
            await self._ask(file, kind)
            return None

    async def _ask(self, file: File, kind: str) -> None:
        """Have it drawn in the background, unless that happens by itself or cannot."""
        if kind in PREPARED and now() - file.created_at < SETTLING:
            return
        event: Event = PictureAsked(file.sha256, kind)
        if file.analysed is None or not file.analysed.is_current:
            event = PartOutdated(file.id)
        elif file.analysed.facts is None:
            return
        moment = int(now().timestamp() // ASKED_AGAIN.total_seconds())
        async with self.database.transaction() as session:
            await Outbox(session, self.registry).publish(event, once=f"{event.key} at {moment}")


class Redrawing:
    """Drawing anew what was drawn wrongly."""

    def __init__(
        self, files: FileRepository, pictures: PictureService, outbox: Outbox, audit: AuditLog
    ) -> None:
        self.files = files
        self.pictures = pictures
        self.outbox = outbox
        self.audit = audit

    async def redraw(self, actor: Actor, file_id: UUID) -> Pending:
        """Forget all pictures of the file's content, and have those drawn that every file gets.

        Raises:
            FileMissing: there is no such file.
        """
        file = await self.files.get(file_id)
        if file is None:
            raise FileMissing
        await self.files.release()
        await self.pictures.forget(file.sha256)
        if file.analysed is None:
            await self.outbox.publish(PartOutdated(file.id))
        else:
            for kind in PREPARED:
                await self.outbox.publish(PictureAsked(file.sha256, kind))
        await self.audit.record(actor, "file.pictures_redrawn", "file", file.id)
        return pending(file)


def _etag(picture: Picture) -> str:
    return f'"{picture.storage_key}"'
