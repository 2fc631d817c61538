"""A virus scanner on a real socket that speaks clamd's INSTREAM and knows one virus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus (eicar.org)."""


class StandInScanner:
    """Answers as clamd does; ``answer`` replaces what it would say."""

    def __init__(self, most_bytes: int = 1_000_000) -> None:
        self.address = ""
        self.most_bytes = most_bytes
        self.answer: bytes | None = None
        self.scanned: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            writer.write(self.answer or await self._verdict(reader))
            await writer.drain()
        finally:
            writer.close()

    async def _verdict(self, reader: asyncio.StreamReader) -> bytes:
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
            if len(content) > self.most_bytes:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.scanned.append(content)
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@asynccontextmanager
async def scanner_on(socket: Path | None = None) -> AsyncIterator[StandInScanner]:
    """A scanner on a free port, or on a local socket."""
    scanner = StandInScanner()
    if socket is None:
        server = await asyncio.start_server(scanner.serve, "127.0.0.1", 0)
        scanner.address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(scanner.serve, socket)
        scanner.address = f"unix://{socket}"
    async with server:
        yield scanner
