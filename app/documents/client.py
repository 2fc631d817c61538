"""A virus scanner: ClamAV's daemon, asked with INSTREAM (clamd(8)) over TCP or a local socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple

from app.core.errors import Unavailable, UpstreamFailed

MOST_ANSWER_BYTES = 4096
LENGTH_BYTES = 4
TOO_LARGE = "too large to be scanned"


class ScannerUnavailable(Unavailable):
    """The virus scanner cannot be reached at the moment."""

    code, title = "scanner-unavailable", "Virus scanner unavailable"


class ScannerFailed(UpstreamFailed):
    """The virus scanner gave an answer that cannot be used."""

    code, title = "scanner-failed", "The virus scanner failed"


class Verdict(NamedTuple):
    """What was found; nothing for ``None``."""

    found: str | None


class ScannerClient:
    """Asks the daemon at ``tcp://host:port`` or ``unix:///path``."""

    def __init__(self, address: str, seconds: float) -> None:
        self.address = address
        self.seconds = seconds

    async def scan(self, chunks: AsyncIterator[bytes]) -> Verdict:
        """Whether there is something bad in what the iterator yields.

        Raises:
            ScannerUnavailable: nobody answers in time; ask again later.
            ScannerFailed: the answer makes no sense.
        """
        try:
            async with asyncio.timeout(self.seconds):
                return _read(await self._asked(chunks))
        except (OSError, TimeoutError, EOFError) as failure:
            raise ScannerUnavailable from failure
        except asyncio.LimitOverrunError as failure:
            raise ScannerFailed from failure

    async def _asked(self, chunks: AsyncIterator[bytes]) -> str:
        reader, writer = await self._connected()
        answering = asyncio.create_task(reader.readuntil(b"\0"))
        try:
            with suppress(ConnectionError):  # it hangs up on what is too large, and says so before
                writer.write(b"zINSTREAM\0")
                async for chunk in chunks:
                    writer.write(len(chunk).to_bytes(LENGTH_BYTES, "big") + chunk)
                    await writer.drain()
                    if answering.done():
                        break
                writer.write(bytes(LENGTH_BYTES))
                await writer.drain()
            answer = await answering
        finally:
            answering.cancel()
            await asyncio.wait([answering])
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return answer.rstrip(b"\0").decode("utf-8", "replace").strip()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, place = self.address.partition("://")
        if kind == "unix":
            return await asyncio.open_unix_connection(place, limit=MOST_ANSWER_BYTES)
        host, _, port = place.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=MOST_ANSWER_BYTES)


def _read(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict(None)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict(answer.removeprefix("stream: ").removesuffix(" FOUND"))
    if "size limit exceeded" in answer:
        return Verdict(TOO_LARGE)
    raise ScannerFailed(f"The virus scanner says: {answer[:200]}")
