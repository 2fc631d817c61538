"""The archive: a tar, compressed when its name says so, there whole or not at all.

The database, the stored files, the manifest with the SHA-256 of each, and the SHA-256 of the manifest.
"""

import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from scripts.backups import BackupFailed
from scripts.backups.manifest import DATABASES, MANIFEST, SEAL, SECRETS, STORAGE, Manifest, Member

PIECE_BYTES = 1024 * 1024
QUICK = 1
"""Compression level: text of STEP files shrinks to a fifth already."""
DAMAGE = (tarfile.TarError, EOFError, zlib.error, OSError)


class Digested:
    """Reads through, counting and digesting."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._source.read(size)
        self._digest.update(piece)
        self._size_bytes += len(piece)
        return piece

    def rest(self) -> Member:
        """Read to the end; what the whole was."""
        while self.read(PIECE_BYTES):
            pass
        return Member(size_bytes=self._size_bytes, sha256=self._digest.hexdigest())


class Content(Digested):
    """A member being read; what cannot be read is named."""

    def __init__(self, archive: Path, name: str, source: IO[bytes]) -> None:
        super().__init__(source)
        self._archive = archive
        self._name = name

    def read(self, size: int = -1) -> bytes:
        """The next bytes, or `BackupFailed`."""
        try:
            return super().read(size)
        except DAMAGE as error:
            raise _damaged(self._archive, self._name, error) from error


class Writer:
    """Adds members to an archive that is being written."""

    def __init__(self, tar: tarfile.TarFile, made_at_seconds: float) -> None:
        self.members: dict[str, Member] = {}
        self._tar = tar
        self._made_at_seconds = made_at_seconds

    def add(self, name: str, source: IO[bytes]) -> Member:
        """Add what a file holds from its beginning to its end."""
        info = tarfile.TarInfo(name)
        info.size = source.seek(0, os.SEEK_END)
        info.mode, info.mtime = 0o600, int(self._made_at_seconds)
        source.seek(0)
        digested = Digested(source)
        self._tar.addfile(info, digested)
        self.members[name] = digested.rest()
        return self.members[name]

    def seal(self, manifest: Manifest) -> None:
        """Add the manifest and its digest; nothing comes after them."""
        member = self.add(MANIFEST, BytesIO(manifest.model_dump_json(indent=1).encode()))
        self.add(SEAL, BytesIO(member.sha256.encode()))


@contextmanager
def written(target: Path, made_at_seconds: float) -> Iterator[Writer]:
    """An archive that gets its name once it is complete and on the disk; mode 0600."""
    if target.exists():
        raise BackupFailed(f"{target} is there already; choose another name.")
    partial = target.with_name(f".{target.name}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with _tar(file, compressed=target.name.endswith("gz")) as tar:
                yield Writer(tar, made_at_seconds)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _tar(file: IO[bytes], *, compressed: bool) -> tarfile.TarFile:
    if compressed:
        return tarfile.open(fileobj=file, mode="w:gz", compresslevel=QUICK)
    return tarfile.open(fileobj=file, mode="w")


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder would survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verified(source: Path) -> Manifest:
    """The manifest of an archive whose every byte is as it was written.

    Raises:
        BackupFailed: it is no archive of ours, cut short, or a member was changed; the member is named.
    """
    found: dict[str, Member] = {}
    kept: dict[str, bytes] = {}
    for name, content in members(source):
        if name in found:
            raise BackupFailed(f"{source} is damaged: {name} is in it twice.")
        if name in {MANIFEST, SEAL}:
            kept[name] = content.read()
        found[name] = content.rest()
    if SEAL not in kept or MANIFEST not in kept:
        last = f" after {list(found)[-1]}" if found else ""
        raise BackupFailed(f"{source} is damaged: it ends{last} without a sealed manifest.")
    if kept[SEAL] != found.pop(MANIFEST).sha256.encode():
        raise BackupFailed(f"{source} is damaged: {MANIFEST} is not what was written.")
    found.pop(SEAL)
    manifest = _parsed(source, kept[MANIFEST])
    _compare(source, manifest.members, found)
    return manifest


def members(source: Path) -> Iterator[tuple[str, Content]]:
    """Every member in order with its content; raises `BackupFailed` naming the one that cannot be read."""
    name = "its beginning"
    try:
        with tarfile.open(source, mode="r|*") as tar:
            for info in tar:
                name = info.name
                content = tar.extractfile(info) if info.isreg() and _is_ours(name) else None
                if content is None:
                    raise BackupFailed(f"{source} is no backup of Millwright: it holds {name}.")
                yield name, Content(source, name, content)
    except FileNotFoundError:
        raise BackupFailed(f"There is no file {source}.") from None
    except DAMAGE as error:
        raise _damaged(source, name, error) from error


def _damaged(source: Path, name: str, error: Exception) -> BackupFailed:
    return BackupFailed(f"{source} is damaged or no backup: {name} cannot be read ({error}).")


def _is_ours(name: str) -> bool:
    if name.startswith(STORAGE):
        return all(part not in {"", ".", ".."} for part in name.split("/"))
    return name in {MANIFEST, SEAL, SECRETS, *DATABASES.values()}


def _parsed(source: Path, text: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BackupFailed(
            f"{source} is damaged, or of a newer Millwright: {MANIFEST} makes no sense."
        ) from error


def _compare(source: Path, wanted: dict[str, Member], found: dict[str, Member]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            raise BackupFailed(f"{source} is damaged: {name} is missing.")
        if wanted.get(name) != found[name]:
            raise BackupFailed(f"{source} is damaged: {name} is not what was written.")
