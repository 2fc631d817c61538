"""The job behind an import: every address by itself, some at the same time, none longer than it may."""

import asyncio
from uuid import UUID

from app.core.clock import now
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import AppError
from app.core.jobs import JobContext
from app.files.dependencies import build_files
from app.files.imports_errors import SourceTimeout
from app.files.imports_fetching import Fetcher, fetching
from app.files.imports_models import OPEN, ImportedSource, SourceStatus
from app.files.repository import ImportRepository

AT_ONCE = 4
"""Addresses of one import that are fetched at the same time."""


async def import_files(context: JobContext, import_id: UUID) -> None:
    """Fetch the files of an import."""
    settings = context.resources.get(Settings).storage
    async with fetching(AT_ONCE) as client:
        fetcher = Fetcher(client, allow_private=settings.import_allow_private)
        await Importing(context, fetcher, settings.import_seconds).run(import_id)


class Importing:
    """One run of one import. What an earlier run has settled stays as it is."""

    def __init__(self, context: JobContext, fetcher: Fetcher, seconds: float) -> None:
        self.context = context
        self.fetcher = fetcher
        self.seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, import_id: UUID) -> None:
        """Fetch what is still open, then say that it is finished."""
        async with self.context.resources.get(Database).reading() as session:
            found = await ImportRepository(session).get(import_id)
        if found is None:
            return
        async with asyncio.TaskGroup() as group:
            for source in found.sources:
                if source.status in OPEN:
                    group.create_task(self._place(found.owner_id, source))
        await ImportRepository(self.context.session).finish(import_id, now())

    async def _place(self, owner_id: UUID, source: ImportedSource) -> None:
        async with self._places:
            await self._settle(source, SourceStatus.fetching)
            try:
                await self._store(owner_id, source)
            except AppError as refusal:
                await self._settle(
                    source,
                    SourceStatus.failed,
                    failure_code=refusal.wire_code,
                    failure_message=refusal.detail,
                )

    async def _store(self, owner_id: UUID, source: ImportedSource) -> None:
        """The file and the news of it in one transaction, so that no run stores it twice."""
        try:
            async with (
                asyncio.timeout(self.seconds),
                self.fetcher.open(source.url) as found,
                self.context.transaction() as session,
            ):
                files = build_files(self.context.resources, session)
                file = await files.store(owner_id, found.name, found.chunks)
                await ImportRepository(session).settle(source.id, SourceStatus.stored, file_id=file.id)
        except TimeoutError as error:
            raise SourceTimeout from error

    async def _settle(self, source: ImportedSource, status: SourceStatus, **outcome: str) -> None:
        async with self.context.transaction() as session:
            await ImportRepository(session).settle(source.id, status, **outcome)
