"""An upload on its way to a child: counted and hashed while it is written to a file without a name.

The file has no name, so nothing is left behind however the service ends.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

from app.calculator.errors import FileTooLarge

_CHUNK_BYTES = 2**20
_SMALL_BYTES = 2**16
"""Written and hashed sooner than a thread has taken it over."""
_LONGEST_LENGTH = 18


@dataclass(frozen=True)
class Spooled:
    """An open file, its size and the SHA-256 of its content."""

    file: BinaryIO
    size_bytes: int
    sha256: str


def announced_bytes(headers: Mapping[str, str]) -> int | None:
    """What Content-Length says, if it says a number that could be one."""
    announced = headers.get("content-length", "")
    is_number = announced.isascii() and announced.isdigit() and len(announced) <= _LONGEST_LENGTH
    return int(announced) if is_number else None


@asynccontextmanager
async def spool(body: AsyncIterable[bytes], *, most_bytes: int) -> AsyncIterator[Spooled]:
    """The whole body in a file, gone after the block. Raises ``FileTooLarge`` as soon as it is known.

    The limit is the service's own; the API's (of stored files) is smaller and refuses first.
    """
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        digest = hashlib.sha256()
        size_bytes = 0
        async for chunk in _gather(body):
            size_bytes += len(chunk)
            if size_bytes > most_bytes:
                message = f"the file has more than {most_bytes} bytes"
                raise FileTooLarge(message)
            if len(chunk) < _SMALL_BYTES:
                _keep(file, digest, chunk)
            else:
                await asyncio.to_thread(_keep, file, digest, chunk)
        yield Spooled(file, size_bytes, digest.hexdigest())
    finally:
        file.close()


def _keep(file: BinaryIO, digest: "hashlib._Hash", chunk: bytes) -> None:
    file.write(chunk)
    file.flush()
    digest.update(chunk)


async def _gather(body: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces worth a trip to a thread."""
    waiting = bytearray()
    async for chunk in body:
        waiting += chunk
        if len(waiting) >= _CHUNK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
