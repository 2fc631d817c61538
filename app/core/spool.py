"""Bytes that wait on the disk of this machine until all of them have come."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

IN_MEMORY_BYTES = 256 * 1024
"""Fewer bytes never touch the disk."""
WRITTEN_BYTES = 256 * 1024


@asynccontextmanager
async def spooled(chunks: AsyncIterator[bytes]) -> AsyncIterator[IO[bytes]]:
    """A file with what the iterator yields, at its beginning; gone after the block."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        waiting, waiting_bytes = [], 0
        async for chunk in chunks:
            waiting.append(chunk)
            waiting_bytes += len(chunk)
            if waiting_bytes >= WRITTEN_BYTES:
                await asyncio.to_thread(file.writelines, waiting)
                waiting, waiting_bytes = [], 0
        await asyncio.to_thread(file.writelines, waiting)
        file.seek(0)
        yield file
