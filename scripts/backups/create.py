"""Making a backup while the service runs.

The database comes first, as it was at one moment; then every file it knows. Stored bytes never change, so
the two belong together whatever is written meanwhile.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from app.contents.repository import ContentRepository, StoredContent
from app.core.clock import now
from app.core.storage import BlobMissing, Storage
from app.main import VERSION
from scripts.backups import BackupFailed
from scripts.backups.archive import Writer, written
from scripts.backups.contents import opened
from scripts.backups.installation import Installation
from scripts.backups.manifest import DATABASES, SECRETS, STORAGE, Manifest

IN_MEMORY_BYTES = 32 * 1024 * 1024
"""Larger files wait on the disk beside the archive until they are in it."""


async def create(installation: Installation, target: Path, *, with_secrets: bool) -> Manifest:
    """Write the archive; a manifest with ``missing`` names files whose bytes are lost.

    Raises:
        BackupFailed: there is no backup.
    """
    moment = now()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copy = Path(folder) / DATABASES[installation.database.engine]
        contents = await installation.database.copy_to(copy)
        with written(target, moment.timestamp()) as archive:
            with copy.open("rb") as database:
                archive.add(copy.name, database)
            copy.unlink()
            missing = await _add_files(archive, contents.files, installation.storage, Path(folder))
            deleted = await _deleted_meanwhile(installation, missing)
            if with_secrets:
                _add_secrets(archive, installation.secrets)
            manifest = Manifest(
                version=VERSION,
                made_at=moment,
                database=installation.database.engine,
                revision=contents.revision,
                tables=contents.tables,
                members=dict(archive.members),
                deleted_meanwhile=sorted(deleted),
                missing=sorted(missing - deleted),
            )
            archive.seal(manifest)
    return manifest


def name_of_now() -> str:
    """A name that sorts by time."""
    return f"millwright-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


async def _add_files(archive: Writer, files: list[StoredContent], storage: Storage, folder: Path) -> set[str]:
    """Add what the storage has; the keys of what it has not, or has with other bytes."""
    missing = set()
    for file in files:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=str(folder)) as bytes_of_file:
            try:
                async for chunk in await storage.open(file.key):
                    bytes_of_file.write(chunk)
            except BlobMissing:
                missing.add(file.key)
                continue
            member = archive.add(f"{STORAGE}{file.key}", bytes_of_file)
        if (member.size_bytes, member.sha256) != (file.size_bytes, file.sha256):
            missing.add(file.key)
    return missing


async def _deleted_meanwhile(installation: Installation, missing: set[str]) -> set[str]:
    """Those of the missing files that nobody misses: their rows are gone by now, too."""
    if not missing:
        return set()
    async with opened(installation.database.url) as present, present.reading() as session:
        known = {file.key for file in await ContentRepository(session).stored()}
    return missing - known


def _add_secrets(archive: Writer, secrets: Path) -> None:
    if not secrets.exists():
        raise BackupFailed(f"There is no file {secrets}: the secrets were given by settings; keep those.")
    with secrets.open("rb") as file:
        archive.add(SECRETS, file)
