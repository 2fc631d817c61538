"""Many files as one ZIP archive, written while it is sent: no more of it in memory than one chunk."""

import re
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

UNWRITABLE = re.compile(r'[<>:"|?*]')
"""What no name may hold on Windows."""
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)", re.IGNORECASE)
MOST_BYTES = 240
"""A name with a number still fits into the 255 bytes that file systems take."""
LARGE_BYTES = 2**31 - 1
"""Above it sizes need the longer fields of ZIP64."""
OLDEST = (1980, 1, 1, 0, 0, 0)
"""ZIP knows no earlier time."""


@dataclass(frozen=True)
class Member:
    """A file that goes into an archive."""

    name: str
    size_bytes: int
    changed_at: datetime
    open: Callable[[], Awaitable[AsyncGenerator[bytes, None]]]


async def zipped(members: Iterable[Member]) -> AsyncIterator[bytes]:
    """The archive, piece by piece; files are stored as they are, each opened when its turn comes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, max(member.changed_at.timetuple()[:6], OLDEST))
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=member.size_bytes > LARGE_BYTES) as target:
                async with aclosing(await member.open()) as chunks:
                    async for chunk in chunks:
                        target.write(chunk)
                        yield sink.taken()
    yield sink.taken()


def unique_names(names: Iterable[str]) -> list[str]:
    """Names under which files can be unpacked side by side on any system: ``part.stp``, ``part (2).stp``."""
    taken: set[str] = set()
    found = []
    for name in names:
        safe = _writable(name)
        candidate, number = safe, 1
        while candidate.casefold() in taken:
            number += 1
            path = PurePath(safe)
            candidate = f"{path.stem} ({number}){path.suffix}"
        taken.add(candidate.casefold())
        found.append(candidate)
    return found


def _writable(name: str) -> str:
    plain = UNWRITABLE.sub("_", name).rstrip(". ") or "_"
    plain = f"_{plain}" if DEVICES.match(plain) else plain
    path = PurePath(plain)
    room = MOST_BYTES - len(path.suffix.encode())
    if room <= 0:
        return plain.encode()[:MOST_BYTES].decode("utf-8", "ignore")
    return path.stem.encode()[:room].decode("utf-8", "ignore") + path.suffix


class _Sink:
    """What the archive writes into: gives it on and cannot go back, so sizes follow behind each file."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        data, self._written = b"".join(self._written), []
        return data
