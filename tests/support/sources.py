"""A web server on loopback that files are fetched from, as slow or as odd as a test wants it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.factories.files import STEP
from tests.support.sockets import served

HANG_SECONDS = 60.0


class Source:
    """What it was asked for, by path, and how many asked at the same time."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hosts: list[str] = []
        self.inside = self.most_inside = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/parts/{name}", self._part),
                Route("/named", self._named),
                Route("/slow/{name}", self._slow),
                Route("/hang", self._hang),
                Route("/flood", self._flood),
                Route("/cut", self._cut),
                Route("/zipped", self._zipped),
                Route("/missing", self._missing),
                Route("/cookie", self._cookie),
                Route("/to", self._redirect),
                Route("/round", self._round),
            ]
        )

    def _note(self, request: Request) -> None:
        self.asked.append(request.url.path)
        self.hosts.append(request.headers["host"])

    async def _part(self, request: Request) -> Response:
        self._note(request)
        return Response(STEP, media_type="application/octet-stream")

    async def _named(self, request: Request) -> Response:
        self._note(request)
        return Response(STEP, headers={"Content-Disposition": 'attachment; filename="shaft.step"'})

    async def _slow(self, request: Request) -> Response:
        self._note(request)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        await asyncio.sleep(0.05)
        self.inside -= 1
        return Response(STEP + request.path_params["name"].encode())

    async def _hang(self, request: Request) -> Response:
        self._note(request)
        await asyncio.sleep(HANG_SECONDS)
        return Response()

    async def _flood(self, request: Request) -> Response:
        self._note(request)

        async def flood() -> AsyncIterator[bytes]:
            yield STEP
            while True:
                yield b" " * 500
                await asyncio.sleep(0.02)

        return StreamingResponse(flood())

    async def _cut(self, request: Request) -> Response:
        self._note(request)

        async def half() -> AsyncIterator[bytes]:
            yield STEP
            raise ConnectionError

        return StreamingResponse(half())

    async def _zipped(self, request: Request) -> Response:
        self._note(request)
        return Response(STEP, headers={"Content-Encoding": "gzip"})

    async def _missing(self, request: Request) -> Response:
        self._note(request)
        return Response("no such part", status_code=404)

    async def _cookie(self, request: Request) -> Response:
        self._note(request)
        told = request.headers.get("cookie", "")
        response = Response(STEP + told.encode())
        response.set_cookie("who", "you")
        return response

    async def _redirect(self, request: Request) -> Response:
        self._note(request)
        return RedirectResponse(request.query_params["url"])

    async def _round(self, request: Request) -> Response:
        self._note(request)
        return RedirectResponse("/round")


@asynccontextmanager
async def source_at(source: Source) -> AsyncIterator[int]:
    """The port it listens on."""
    config = uvicorn.Config(
        source.app(), port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=0
    )
    async with served(config) as port:
        yield port
