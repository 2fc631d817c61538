"""A neighbour between the API and the calculator, which passes requests on or misbehaves as it is told.

It speaks HTTP/1.1 over bare sockets, one request a connection, and shares no code with its client.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MOST_HEAD_BYTES = 64 * 1024
DRIP_SECONDS = 1.0
PROMISED_BYTES = 5000


@dataclass(frozen=True)
class Asked:
    """A request as it came, its body still in the framing it had."""

    method: str
    path: str
    head: bytes
    body: bytes


Behaviour = Callable[["Neighbour", Asked, asyncio.StreamWriter], Awaitable[None]]


class Neighbour:
    """Listens on a port of loopback in front of another one; ``behaviour`` may be changed at any time."""

    def __init__(self, port: int, behind: int) -> None:
        self.port = port
        self.behind = behind
        self.behaviour: Behaviour = pass_on
        self.asked = 0
        self.last_body = b""
        """Of the last answer that was passed on."""
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, limit=MOST_HEAD_BYTES, backlog=1000
        )

    async def close(self) -> None:
        """Listen no more, and hang up on everybody."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        try:
            asked = await read_request(reader)
            self.asked += 1
            await self.behaviour(self, asked, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._talks.discard(task)
            with contextlib.suppress(OSError):
                writer.close()


async def read_request(reader: asyncio.StreamReader) -> Asked:
    """One request, whether its body has a length or comes in chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
    return Asked(method, path, head, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    """Chunks up to the empty one, with their framing (RFC 9112, 7.1)."""
    found = bytearray()
    while True:
        line = await reader.readline()
        chunk = await reader.readexactly(int(line.partition(b";")[0], 16) + len(b"\r\n"))
        found += line + chunk
        if chunk == b"\r\n":
            return bytes(found)


async def pass_on(neighbour: Neighbour, asked: Asked, writer: asyncio.StreamWriter) -> None:
    """What the calculator itself answers."""
    reader, behind = await asyncio.open_connection("127.0.0.1", neighbour.behind)
    try:
        kept = [
            line
            for line in asked.head.rstrip(b"\r\n").split(b"\r\n")
            if not line.lower().startswith(b"connection:")
        ]
        behind.write(b"\r\n".join([*kept, b"Connection: close", b"", b""]) + asked.body)
        answer = await reader.read()
    finally:
        behind.close()
    neighbour.last_body = answer.partition(b"\r\n\r\n")[2]
    writer.write(answer)
    await writer.drain()


async def hang(_: Neighbour, __: Asked, ___: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await asyncio.Event().wait()


async def drip(_: Neighbour, __: Asked, writer: asyncio.StreamWriter) -> None:
    """Promise an answer and send one byte of it a second."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % PROMISED_BYTES
    )
    for _number in range(PROMISED_BYTES):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def hang_up(_: Neighbour, __: Asked, writer: asyncio.StreamWriter) -> None:
    """Reset the connection in place of an answer."""
    writer.transport.abort()


def saying(
    status: str, body: bytes = b"", media_type: str = "application/json", *, more: str = ""
) -> Behaviour:
    """One and the same answer to everything; ``more`` is another header."""

    async def say(_: Neighbour, __: Asked, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", "Connection: close"]
        if not status.startswith("204"):
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, *([more] if more else []), "", ""])
        writer.write(head.encode() + body)
        await writer.drain()

    return say


def cut(body: bytes) -> Behaviour:
    """The first half of an answer, then a broken connection."""

    async def say(_: Neighbour, __: Asked, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[: len(body) // 2])
        await writer.drain()
        writer.transport.abort()

    return say
