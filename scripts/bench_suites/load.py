"""A light HTTP/1.1 client for load: the same request over and over, a few connections, nothing parsed twice.

Standard library and uvloop; answers must carry a Content-Length.
"""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

import uvloop

from scripts.bench_suites.measure import BenchFailed

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass
class Outcome:
    """What came back: seconds from first to last, how often each status, the last answer."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    body: bytes = b""

    @property
    def requests(self) -> int:
        """How many were answered."""
        return self.statuses.total()


def request_bytes(
    method: str, path: str, *, body: object = None, headers: dict[str, str] | None = None
) -> bytes:
    """A whole request; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(content)}"]
    if not isinstance(body, bytes) and body is not None:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def fire(port: int, request: bytes, *, requests: int, connections: int = 1, expected: int = 200) -> Outcome:
    """Send the request so often over so many connections; raises ``BenchFailed`` at any other status."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_fire(port, request, requests, connections))
    if set(outcome.statuses) != {expected}:
        raise BenchFailed(f"answers {dict(outcome.statuses)} instead of {expected}: {outcome.body[:500]!r}")
    return outcome


async def _fire(port: int, request: bytes, requests: int, connections: int) -> Outcome:
    loop = asyncio.get_running_loop()
    outcome, left = Outcome(), Budget(requests)
    clients = [Client(request, left, outcome) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc] # bound early
    started = time.perf_counter()
    for client in clients:
        client.send()
    await asyncio.gather(*(client.done for client in clients))
    outcome.seconds = time.perf_counter() - started
    return outcome


class Budget:
    """How many requests may still be sent, by all connections together."""

    def __init__(self, requests: int) -> None:
        self.left = requests

    def take(self) -> bool:
        """Whether one more may be sent."""
        self.left -= 1
        return self.left >= 0


class Client(asyncio.Protocol):
    """One connection that sends the next request when the last one is answered."""

    def __init__(self, request: bytes, budget: Budget, outcome: Outcome) -> None:
        self.request = request
        self.budget = budget
        self.outcome = outcome
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._wanted = -1
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def send(self) -> None:
        """The next request, or the end."""
        assert self._transport is not None
        if self.budget.take():
            self._transport.write(self.request)
            return
        self.done.set_result(None)
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Collect until the answer is whole."""
        self._buffer += data
        if self._wanted < 0:
            end = self._buffer.find(HEAD_END)
            if end < 0:
                return
            self._wanted = end + len(HEAD_END) + content_length(bytes(self._buffer[:end]))
        if len(self._buffer) >= self._wanted:
            self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that goes before its last answer is a failure."""
        if not self.done.done():
            self.done.set_exception(error or BenchFailed("the server closed the connection"))

    def _finish(self) -> None:
        self.outcome.statuses[int(self._buffer[9:12])] += 1
        self.outcome.body = bytes(self._buffer)
        self._buffer, self._wanted = bytearray(), -1
        self.send()


def content_length(head: bytes) -> int:
    """The length an answer announces."""
    lowered = head.lower()
    start = lowered.find(LENGTH)
    if start < 0:
        raise BenchFailed(f"an answer without Content-Length: {head[:200]!r}")
    return int(lowered[start + len(LENGTH) :].split(b"\r\n", 1)[0])
