"""The API with a look at its event loop: how late it comes to what is due.

Started as ``python -m scripts.bench_suites.watched_api``; `LAG` answers what was seen since the last time.
"""

import asyncio
import json
import time

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.config import read_settings
from app.core.logging import configure_logging
from app.core.server import serve
from app.main import create_app

LAG = "/bench/lag"
LOOK_SECONDS = 0.005


class Watched:
    """An application whose loop is looked at for as long as it lives."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.late_seconds: list[float] = []
        self.watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `LAG`, pass on everything else."""
        if self.watch is None:
            self.watch = asyncio.create_task(self._look())
        if scope.get("path") == LAG:
            await self._tell(send)
        else:
            await self.app(scope, receive, send)

    async def _look(self) -> None:
        while True:
            due = time.perf_counter() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            self.late_seconds.append(time.perf_counter() - due)

    async def _tell(self, send: Send) -> None:
        body = json.dumps(self.late_seconds).encode()
        self.late_seconds.clear()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Run as `app.main` does."""
    settings = read_settings()
    configure_logging(settings.server.log_level, json=settings.server.log_json)
    serve(Watched(create_app(settings)), settings.server.host, settings.server.port)


if __name__ == "__main__":
    main()
