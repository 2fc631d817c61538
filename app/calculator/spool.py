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
_MOST_CHUNKS = 1024
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
        async for chunks in _gather(body):
            gathered_bytes = sum(map(len, chunks))
            size_bytes += gathered_bytes
            if size_bytes > most_bytes:
                message = f"the file has more than {most_bytes} bytes"
                raise FileTooLarge(message)
            if gathered_bytes < _SMALL_BYTES:
                _keep(file, digest, chunks)
            else:
                await asyncio.to_thread(_keep, file, digest, chunks)
        yield Spooled(file, size_bytes, digest.hexdigest())
    finally:
        file.close()


def _keep(file: BinaryIO, digest: "hashlib._Hash", chunks: list[bytes]) -> None:
    for chunk in chunks:
        file.write(chunk)
        digest.update(chunk)
    file.flush()


async def _gather(body: AsyncIterable[bytes]) -> AsyncIterator[list[bytes]]:
    """The same bytes, as many pieces at once as are worth a trip to a thread."""
    waiting: list[bytes] = []
    waiting_bytes = 0
    async for chunk in body:
        waiting.append(chunk)
        waiting_bytes += len(chunk)
        if waiting_bytes >= _CHUNK_BYTES or len(waiting) == _MOST_CHUNKS:
            yield waiting
            waiting, waiting_bytes = [], 0
    if waiting:
        yield waiting
