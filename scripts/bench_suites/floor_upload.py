"""The least a server can do with an upload: write what comes to a file.

Started as ``python -m scripts.bench_suites.floor_upload``, told where by ``BENCH_PORT`` and ``BENCH_FOLDER``.
"""

import os
from pathlib import Path
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PORT, FOLDER = "BENCH_PORT", "BENCH_FOLDER"
CREATED = 201


def create_app(folder: Path) -> Starlette:
    """One route that streams to disk; the file goes again, so that the disk does not fill."""

    async def upload(request: Request) -> Response:
        path = folder / uuid4().hex
        with path.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        path.unlink()
        return Response(status_code=CREATED)

    async def ready(_: Request) -> Response:
        return Response()

    routes = [Route("/upload", upload, methods=["POST"]), Route("/health/ready", ready)]
    return Starlette(routes=routes)


if __name__ == "__main__":
    uvicorn.run(
        create_app(Path(os.environ[FOLDER])),
        port=int(os.environ[PORT]),
        access_log=False,
        log_level="warning",
    )
