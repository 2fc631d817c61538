"""The least a server can do with files: write what comes, send what is there.

Started as ``python -m scripts.bench_suites.floor_files``, told where by ``BENCH_PORT`` and ``BENCH_FOLDER``.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

PORT, FOLDER = "BENCH_PORT", "BENCH_FOLDER"
CREATED = 201
PIECE_BYTES = 256 * 1024


def create_app(folder: Path) -> Starlette:
    """Routes that stream to the disk and from it; what came goes again, so that the disk does not fill."""

    async def upload(request: Request) -> Response:
        path = folder / uuid4().hex
        with path.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        path.unlink()
        return Response(status_code=CREATED)

    async def download(request: Request) -> Response:
        path = folder / request.path_params["name"]
        length = {"Content-Length": str(path.stat().st_size)}
        return StreamingResponse(_pieces(path), headers=length)

    async def ready(_: Request) -> Response:
        return Response()

    routes = [
        Route("/upload", upload, methods=["POST"]),
        Route("/health/ready", ready),
        Route("/{name}", download),
    ]
    return Starlette(routes=routes)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


if __name__ == "__main__":
    uvicorn.run(
        create_app(Path(os.environ[FOLDER])),
        port=int(os.environ[PORT]),
        access_log=False,
        log_level="warning",
    )
