import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.types import ASGIApp

from app.core.handlers import UnexpectedFailures, install_handlers
from app.core.pressure import Arrivals, CutSlowClients, LimitConcurrency, Pace
from app.core.server import ImpatientProtocol
from tests.support.sockets import served


class Thing(BaseModel):
    size: int


def application(gate: asyncio.Event) -> FastAPI:
    app = FastAPI()
    install_handlers(app)

    @app.get("/wait")
    @app.get("/health/live")
    async def wait(request: Request) -> str:
        if request.url.path == "/wait":
            await gate.wait()
        return "done"

    @app.post("/things")
    @app.post("/uploads/things")
    async def make(thing: Thing) -> Thing:
        return thing

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                yield bytes(1_000_000)

        return StreamingResponse(chunks())

    return app


class TestLimitConcurrency:
    async def test_answers_503_at_once_when_full_but_health_always(self) -> None:
        gate = asyncio.Event()
        app = LimitConcurrency(application(gate), most=2, arrivals=Arrivals(), always=("/health",))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as client:
            inside = [asyncio.create_task(client.get("/wait")) for _ in range(2)]
            await asyncio.sleep(0.05)

            refused, health = await client.get("/wait"), await client.get("/health/live")
            gate.set()
            answers = await asyncio.gather(*inside)
            later = await client.get("/wait")

        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        assert [health.status_code, *(answer.status_code for answer in answers), later.status_code] == [
            200
        ] * 4


class Impatient(ImpatientProtocol):
    header_seconds = 0.2


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app: ASGIApp = CutSlowClients(
        application(asyncio.Event()),
        Arrivals(),
        pause_seconds=0.2,
        pace=Pace(0.4, 1_000_000),
        uploads="/uploads/.*",
        upload_pace=Pace(0.2, 1000),
    )
    config = uvicorn.Config(
        UnexpectedFailures(app), port=0, http=Impatient, log_config=None, timeout_keep_alive=2, lifespan="off"
    )
    async with served(config) as number:
        yield number


async def heard(reader: asyncio.StreamReader) -> bytes:
    """Everything that comes until the server closes, however it does."""
    answer = b""
    try:
        while piece := await reader.read(65536):
            answer += piece
    except ConnectionError:
        pass
    return answer


async def answer_to(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What the server says to these bytes before it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reading = asyncio.create_task(heard(reader))
    for piece in pieces:
        if reading.done():
            break
        writer.write(piece)
        await asyncio.sleep(pause)
    async with asyncio.timeout(10):
        answer = await reading
    writer.close()
    return answer


HEAD = b"POST /things HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"


class TestWhatIsNoHttp:
    @pytest.mark.parametrize(
        "sent",
        [
            b"hello\r\n\r\n",
            b"GET /things HTTP/1.1\r\nHost t\r\n\r\n",
            b"POST /things HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
            b"POST /things HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{",
            b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ],
        ids=["words", "a header without colon", "a negative length", "two lengths", "a length and chunks"],
    )
    async def test_is_a_problem_like_others(self, port: int, sent: bytes) -> None:
        head, _, body = (await answer_to(port, sent)).partition(b"\r\n\r\n")

        status, *headers = head.decode().split("\r\n")
        assert status == "HTTP/1.1 400 Bad Request"
        assert {"Content-Type: application/problem+json", "X-Content-Type-Options: nosniff"} <= set(headers)
        assert f"Content-Length: {len(body)}" in headers
        assert json.loads(body)["code"] == "malformed"


LIVE = b"GET /health/live HTTP/1.1\r\nHost: t\r\n"
IN_CHUNKS = b"POST /things HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
LINE = b"X-Line: " + b"x" * 992 + b"\r\n"


class TestLargeHeaders:
    @pytest.mark.parametrize(
        "pieces",
        [
            [LIVE, b"X: y\r\n" * 200, b"\r\n"],
            [LIVE, LINE * 66, b"\r\n"],
            [LIVE, *([LINE] * 1000)],
            [LIVE, b"X-Line: ", *([b"x" * 1000] * 1000)],
            [b"GET /", *([b"x" * 1000] * 1000)],
            [IN_CHUNKS, b"0\r\n", *([LINE] * 1000)],
            [IN_CHUNKS, b"1;", *([b"x" * 1000] * 1000)],
        ],
        ids=["lines", "bytes", "no end", "no end of a line", "address", "behind the body", "of a chunk"],
    )
    async def test_are_refused_and_read_no_further(self, port: int, pieces: list[bytes]) -> None:
        head, _, body = (await answer_to(port, *pieces)).partition(b"\r\n\r\n")

        assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
        assert b"\r\nConnection: close\r\n" in head
        assert json.loads(body)["code"] == "headers-too-large"

    async def test_are_taken_up_to_the_limit_with_every_request(self, port: int) -> None:
        largest = LIVE + LINE * 64 + b"X: y\r\n" * 134

        answer = await answer_to(port, largest + b"\r\n", largest + b"Connection: close\r\n\r\n")

        assert answer.count(b"HTTP/1.1 200 OK") == 2

    async def test_have_nothing_to_do_with_bodies(self, port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            body, kind = b'{"size": 1' + b" " * 500_000 + b"}", {"Content-Type": "application/json"}
            answer = await client.post("/things", content=body, headers=kind)

        assert answer.json() == {"size": 1}


class TestSlowClients:
    async def test_headers_that_never_end_are_cut(self, port: int) -> None:
        assert await answer_to(port, b"GET /things HTTP/1.1\r\nHost: t\r\nX-Slow: ") == b""

    async def test_a_silent_connection_is_cut(self, port: int) -> None:
        assert await answer_to(port) == b""

    async def test_headers_of_a_second_request_are_timed_too(self, port: int) -> None:
        first = b"GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n"

        answer = await answer_to(port, first, b"GET /health", pause=0.05)

        assert answer.count(b"HTTP/1.1") == 1

    async def test_a_body_that_stops_is_told_so(self, port: int) -> None:
        answer = await answer_to(port, HEAD + b'{"size"')

        assert answer.startswith(b"HTTP/1.1 408")
        assert b'"request-timeout"' in answer

    async def test_a_body_that_drips_is_cut(self, port: int) -> None:
        answer = await answer_to(port, HEAD, *([b" "] * 40), pause=0.05)

        assert answer.startswith(b"HTTP/1.1 408")

    @pytest.mark.parametrize(("path", "status"), [("/things", 408), ("/uploads/things", 200)])
    async def test_only_an_upload_may_go_on_at_a_low_rate(self, port: int, path: str, status: int) -> None:
        body = b'{"size": 1' + b" " * 1989 + b"}"
        head = HEAD.replace(b"/things", path.encode()).replace(b"100", b"2000\r\nConnection: close")

        answer = await answer_to(port, head, *(body[at : at + 100] for at in range(0, 2000, 100)), pause=0.05)

        assert answer.startswith(f"HTTP/1.1 {status}".encode())

    async def test_a_client_that_takes_nothing_is_cut(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /endless HTTP/1.1\r\nHost: t\r\n\r\n")
        await asyncio.sleep(1)

        taken = 0
        async with asyncio.timeout(10):
            try:
                while chunk := await reader.read(1_000_000):
                    taken += len(chunk)
            except ConnectionError:
                pass
        writer.close()

        assert taken < 200_000_000

    async def test_an_ordinary_request_is_none_of_these(self, port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.post("/things", json={"size": 1})).json() == {"size": 1}


class TestPlaces:
    @pytest.fixture
    async def port(self) -> AsyncIterator[int]:
        """A server with two places, whose bodies are left alone for a moment only."""
        arrivals = Arrivals(undisturbed_seconds=0.1)
        slow = Pace(20, 1)
        app: ASGIApp = CutSlowClients(application(asyncio.Event()), arrivals, 20, slow, "/uploads/.*", slow)
        limited = LimitConcurrency(UnexpectedFailures(app), most=2, arrivals=arrivals)
        async with served(uvicorn.Config(limited, port=0, log_config=None, lifespan="off")) as number:
            yield number

    @staticmethod
    async def others(port: int, head: bytes) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Two who began to send a body and do not go on."""
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in connections:
            writer.write(head)
        await asyncio.sleep(0.3)
        return connections

    async def test_of_those_whose_body_does_not_come_are_given_to_others(self, port: int) -> None:
        slow = await self.others(port, HEAD)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            answers = [(await client.post("/things", json={"size": 1})).status_code for _ in range(3)]

        assert answers == [200, 200, 200]
        first = await slow[0][0].readuntil(b"\r\n")
        for _, writer in slow:
            writer.close()
        assert first.startswith(b"HTTP/1.1 408")

    async def test_of_uploads_are_kept(self, port: int) -> None:
        slow = await self.others(port, HEAD.replace(b"/things", b"/uploads/things"))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            answer = await client.post("/things", json={"size": 1})
        for _, writer in slow:
            writer.close()

        assert answer.status_code == 503
