"""Files fetched from addresses: asked for in a request, done by a job, looked at in between."""

from uuid import UUID

from app.core.outbox import Outbox
from app.files.events import ImportAsked
from app.files.imports_errors import ImportMissing, TooManyImports
from app.files.imports_models import FileImport, ImportedSource
from app.files.imports_schemas import ImportRead, described_import
from app.files.repository import ImportRepository

MOST_RUNNING = 5
"""Imports of one owner that are not finished."""


class ImportService:
    """Imports of owners."""

    def __init__(self, imports: ImportRepository, outbox: Outbox) -> None:
        self.imports = imports
        self.outbox = outbox

    async def begin(self, owner_id: UUID, urls: list[str]) -> ImportRead:
        """Have files fetched from these addresses, soon.

        Raises:
            TooManyImports: others of this owner are not finished.
        """
        if await self.imports.count_running(owner_id) >= MOST_RUNNING:
            raise TooManyImports
        sources = [ImportedSource(position=position, url=url) for position, url in enumerate(urls)]
        begun = await self.imports.add(FileImport(owner_id=owner_id, sources=sources))
        await self.outbox.publish(ImportAsked(owner_id, begun.id))
        return described_import(begun)

    async def get(self, owner_id: UUID, import_id: UUID) -> ImportRead:
        """How far an own import has come.

        Raises:
            ImportMissing: there is none.
        """
        found = await self.imports.get_owned(import_id, owner_id)
        if found is None:
            raise ImportMissing
        return described_import(found)
