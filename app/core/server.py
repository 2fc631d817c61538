"""Uvicorn as we run it: quick parser, no access log, and no patience with endless headers."""

import asyncio
import os
import signal
import sys
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core.errors import PROBLEM_JSON, AppError, HeadersTooLarge, Malformed
from app.core.middleware import OF_DATA, SECURITY_HEADERS
from app.core.streams import IS_STOPPING

GRACE_SECONDS = 20
MOST_HEAD_BYTES = 64 * 1024
MOST_HEAD_LINES = 200
"""Of request line and headers together, those behind a body in chunks included."""
LINGER_SECONDS = 2.0
"""How long what nobody reads any more may go on arriving behind a refusal."""
STARTUP_FAILURE = 3
"""The exit status of a server that could not start, as uvicorn's own command has it."""
OWNER_ONLY = 0o077
"""What is made from now on (database, files of customers, logs) nobody else on the machine may read."""


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not arrive in time, or never end.

    The parser holds on to an unfinished line: bytes that nothing has come of count as one.
    """

    header_seconds = 10.0
    _waiting: asyncio.TimerHandle | None = None
    _head_bytes = _head_lines = _unused_bytes = 0
    _refused = False

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's own type is private
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        """Hand everything to the parser, but for what arrives behind a refusal."""
        if self._refused:
            return
        self._unused_bytes += len(data)
        super().data_received(data)
        if self._is_head_too_large() and not self._refused:
            self._refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        """Start counting, and the clock again, with the first byte of every request."""
        super().on_message_begin()
        self._head_bytes = self._head_lines = self._unused_bytes = 0
        self._start_clock()

    def on_url(self, url: bytes) -> None:
        """Count what came of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count the line, whether it stands before a body or behind it."""
        self._count(len(name) + len(value), lines=1)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the clock; bodies have their own."""
        self._stop_clock()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Bodies are counted elsewhere."""
        self._unused_bytes = 0
        super().on_body(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        self._stop_clock()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words help nobody
        """What is no HTTP gets a problem document like everything else, and the connection ends."""
        too_large = self._is_head_too_large()
        self._refuse(HeadersTooLarge() if too_large else Malformed("This is no request in HTTP/1.1."))

    def _count(self, size_bytes: int, lines: int = 0) -> None:
        self._unused_bytes = 0
        self._head_bytes += size_bytes
        self._head_lines += lines
        if self._is_head_too_large():
            raise HeadersTooLarge  # the parser stops here and asks for `send_400_response`

    def _is_head_too_large(self) -> bool:
        return self._head_bytes + self._unused_bytes > MOST_HEAD_BYTES or self._head_lines > MOST_HEAD_LINES

    def _refuse(self, failure: AppError) -> None:
        """Answer and hang up; a connection closed with unread bytes would be reset, answer and all."""
        self._refused = True
        self._stop_clock()
        body = failure.problem(None).model_dump_json().encode()
        headers = {
            "Content-Type": PROBLEM_JSON,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **SECURITY_HEADERS,
            **OF_DATA,
        }
        head = [
            f"HTTP/1.1 {failure.status} {HTTPStatus(failure.status).phrase}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr] # None first
            self.transport.close()  # somebody may still write into it
            return
        self.transport.write_eof()
        self._waiting = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _start_clock(self) -> None:
        self._stop_clock()
        self._waiting = self.loop.call_later(self.header_seconds, self.transport.close)

    def _stop_clock(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class TellStop:
    """Lets requests that go on for long ask whether the server was told to stop (see `is_stopping`)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.server: uvicorn.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] == "http":
            scope.setdefault("state", {})[IS_STOPPING] = self._is_stopping
        await self.app(scope, receive, send)

    def _is_stopping(self) -> bool:
        return self.server is not None and self.server.should_exit


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Run until SIGINT or SIGTERM, then let requests in flight end."""
    os.umask(OWNER_ONLY)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # uvicorn raises it again once it has stopped
    telling = TellStop(app)
    config = uvicorn.Config(
        telling,
        host=host,
        port=port,
        http=ImpatientProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    telling.server = uvicorn.Server(config)
    telling.server.run()
    if not telling.server.started:
        sys.exit(STARTUP_FAILURE)
