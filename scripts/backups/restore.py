"""Putting a backup back: verified first, files next, the database last and in one step."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from alembic.script import ScriptDirectory

from app.contents.repository import ContentRepository
from app.core.migrations import alembic_config
from app.core.storage import Storage
from app.documents.errors import DocumentInUse
from app.documents.repository import DocumentRepository
from app.files.errors import FileInUse
from app.files.repository import FileRepository
from scripts.backups import BackupFailed
from scripts.backups.archive import PIECE_BYTES, Content, members, verified
from scripts.backups.contents import contents_at, opened
from scripts.backups.installation import Installation
from scripts.backups.manifest import DATABASES, SECRETS, STORAGE, Manifest
from scripts.backups.sqlite import DIALECT, ensure_sound


async def restore(source: Path, installation: Installation, *, force: bool) -> Manifest:
    """Make the installation what it was; the service must not run.

    Raises:
        BackupFailed: nothing of the database was changed; files may have been added.
    """
    manifest = verified(source)
    _ensure_known(manifest.revision)
    database = installation.database
    if database.engine != manifest.database:
        raise BackupFailed(
            f"The backup is of {manifest.database}, the place to restore into is {database.engine}."
        )
    storage = installation.storage
    if not force:
        await _ensure_empty(installation, storage)
    folder = database.folder or installation.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as waiting:
        dump = Path(waiting) / DATABASES[manifest.database]
        await _unpack(source, dump, storage, installation)
        async with database.replaced_by(dump) as url:
            await _compare(manifest, url)
            await _forget(manifest.deleted_meanwhile, url)
    return manifest


async def verify(source: Path) -> Manifest:
    """Read every byte of an archive, and its database where that needs no server."""
    manifest = verified(source)
    if manifest.database == "sqlite":
        with tempfile.TemporaryDirectory(prefix=".verify-", dir=source.parent) as folder:
            copy = Path(folder) / DATABASES["sqlite"]
            for name, content in members(source):
                if name == copy.name:
                    _write(content, copy)
            ensure_sound(copy)
            await _compare(manifest, f"{DIALECT}{copy}")
    return manifest


def _ensure_known(revision: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config("")).walk_revisions()}
    if revision not in known:
        raise BackupFailed(
            f"The backup was made by another Millwright (schema {revision}); restore it with that version."
        )


async def _ensure_empty(installation: Installation, storage: Storage) -> None:
    if not await installation.database.is_empty():
        raise BackupFailed("There is a database already; --force replaces it.")
    if await storage.keys():
        place = installation.storage_settings.url
        raise BackupFailed(f"There are files in {place} already; --force goes on.")


async def _unpack(source: Path, dump: Path, storage: Storage, installation: Installation) -> None:
    """Files into the storage, the secrets to their place, the database to where it waits."""
    for name, content in members(source):
        if name.startswith(STORAGE):
            await storage.put_stream(name.removeprefix(STORAGE), _chunks(content))
        elif name == dump.name:
            _write(content, dump)
        elif name == SECRETS:
            installation.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = installation.secrets.with_name(f".{SECRETS}.restored")
            aside.unlink(missing_ok=True)
            _write(content, aside)
            aside.replace(installation.secrets)


def _write(content: Content, path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while piece := content.read(PIECE_BYTES):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


async def _chunks(content: Content) -> AsyncIterator[bytes]:
    while piece := content.read(PIECE_BYTES):
        yield piece


async def _compare(manifest: Manifest, url: str) -> None:
    """Whether the rows are those that were counted when the backup was made."""
    contents = await contents_at(url)
    if contents.revision != manifest.revision:
        raise BackupFailed(f"The database has the schema {contents.revision}, not {manifest.revision}.")
    for name in sorted(manifest.tables.keys() | contents.tables.keys()):
        wanted, found = manifest.tables.get(name), contents.tables.get(name)
        if wanted != found:
            raise BackupFailed(f"The table {name} has {found} rows instead of {wanted}.")


async def _forget(keys: list[str], url: str) -> None:
    """Drop the rows of contents that were deleted meanwhile; where something stands on one, it stays."""
    if not keys:
        return
    async with opened(url) as database:
        async with database.reading() as session:
            digests = await ContentRepository(session).digests_at(keys)
        for sha256 in digests:
            with suppress(FileInUse, DocumentInUse):
                async with database.transaction() as session:
                    await DocumentRepository(session).forget(sha256)
                    await FileRepository(session).forget(sha256)
                    await ContentRepository(session).remove_unused(sha256)
