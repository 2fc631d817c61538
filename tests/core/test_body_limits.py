import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.types import ASGIApp

from app.core.body_limits import BodyLimits, BodyRule, LongestValue
from app.core.handlers import UnexpectedFailures, install_handlers

LIMIT = 100


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


class Named(BaseModel):
    name: str


def application() -> FastAPI:
    app = FastAPI()
    install_handlers(app)
    app.add_middleware(UnexpectedFailures)

    @app.post("/api/v1/things")
    async def make(named: Named) -> int:
        return len(named.name)

    @app.post("/api/v1/things/raw")
    async def take(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    return app


def client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


class TestBodyLimits:
    def limited(self) -> ASGIApp:
        rules = [BodyRule("/api/v1/things/raw", 500, json_bytes=200), BodyRule("/api", 50)]
        return BodyLimits(application(), LIMIT, rules)

    async def test_a_declared_length_is_refused_before_anything_is_read(self) -> None:
        async def never(*_: Any) -> None:
            raise AssertionError("the application was asked")

        async with client(BodyLimits(never, LIMIT)) as http:
            response = await http.post("/", content=b"x" * (LIMIT + 1))

        assert response.status_code == 413
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["Connection"] == "close"
        assert response.json()["code"] == "request-too-large"

    @pytest.mark.parametrize("path", ["/api/v1/things", "/api/v1/things/raw"])
    async def test_an_undeclared_one_is_refused_as_it_arrives(self, path: str, logs: list[Any]) -> None:
        async with client(self.limited()) as http:
            response = await http.post(path, content=chunks(400, 400))

        assert response.status_code == 413
        assert response.json()["code"] == "request-too-large"
        assert not [entry for entry in logs if entry["log_level"] == "error"]

    @pytest.mark.parametrize("declared", [True, False])
    async def test_the_rest_of_it_is_taken_in_behind_the_answer(self, declared: bool) -> None:  # noqa: FBT001
        """Else the connection is reset, and the answer lost."""
        length = [(b"content-length", b"1000")] if declared else []
        scope = {"type": "http", "method": "POST", "path": "/", "headers": length}
        events: list[str] = []
        pieces = iter([True, True, False])

        async def receive() -> Any:
            events.append("received")
            return {"type": "http.request", "body": b"x" * 400, "more_body": next(pieces)}

        async def send(message: Any) -> None:
            events.append(f"sent {message['type']}")

        async def reader(_: Any, read: Any, __: Any) -> None:
            while True:
                await read()

        await BodyLimits(reader, LIMIT)(scope, receive, send)

        answer = ["sent http.response.start", "sent http.response.body"]
        read, rest = ([], ["received"] * 3) if declared else (["received"], ["received"] * 2)
        assert events == [*read, *answer, *rest, "sent http.response.body"]

    async def test_the_declared_length_is_not_believed(self) -> None:
        scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"1")]}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"x" * (LIMIT + 1)}

        async def send(message: Any) -> None:
            sent.append(message)

        async def echo(_: Any, read: Any, __: Any) -> None:
            await read()

        await BodyLimits(echo, LIMIT)(scope, receive, send)

        assert sent[0]["status"] == 413
        assert json.loads(sent[1]["body"])["status"] == 413

    @pytest.mark.parametrize(
        ("path", "kind", "size", "status"),
        [
            ("/api/v1/things/raw", "multipart/form-data; boundary=b", 500, 200),
            ("/api/v1/things/raw", "Multipart/Form-Data", 501, 413),
            ("/api/v1/things/raw", "text/plain", 200, 200),
            ("/api/v1/things/raw", "text/plain", 201, 413),
            ("/api/v1/things/raw", "multipart/form-datas", 201, 413),
            ("/api/v1/things/raw", "", 201, 413),
            ("/api/v1/things/raw", "application/json; charset=utf-8", 200, 200),
            ("/api/v1/things/raw", "application/json", 201, 413),
            ("/api/v1/things/rawer", "model/stl", 51, 413),
            ("/api", "model/stl", 51, 413),
            ("/apis", "model/stl", 100, 404),
            ("/apis", "model/stl", 101, 413),
        ],
    )
    async def test_the_longest_prefix_decides(self, path: str, kind: str, size: int, status: int) -> None:
        async with client(self.limited()) as http:
            response = await http.post(path, content=b"x" * size, headers={"Content-Type": kind})

        assert response.status_code == status

    @pytest.mark.parametrize("declared", ["-1", "1e9", "٣", "", " 7"])
    async def test_a_length_that_is_no_number_is_counted(self, declared: str) -> None:
        async with client(self.limited()) as http:
            response = await http.post(
                "/api/v1/things/raw",
                content=chunks(300, 300),
                headers=[(b"content-length", declared.encode()), (b"transfer-encoding", b"chunked")],
            )

        assert response.status_code == 413


class TestBesidesTheFile:
    """A rule of 500 bytes over a default of 100: all but one value has to keep the default."""

    def limited(self) -> ASGIApp:
        return BodyLimits(application(), LIMIT, [BodyRule("/api/v1/things/raw", 500)])

    @pytest.mark.parametrize("piece_bytes", [1, 7, 500])
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b'{"name": "' + b"n" * 88 + b'", "data": "' + b"A" * 300 + b'"}', 413),
            (b'{"name": "' + b"n" * 70 + b'", "data": "' + b"A" * 300 + b'"}', 200),
            (b'{"data": "' + b"A/+=\\n" * 60 + b'", "name": "' + b"n" * 70 + b'"}', 200),
            (b'{"data": "' + b"A" * 200 + b'", "more": "' + b"A" * 200 + b'"}', 413),
            (b"[" + b"1," * 60 + b"1]", 413),
            (b"{" + b'"a":1,' * 30 + b"}", 413),
            (b'"' * 120, 413),
        ],
        ids=lambda value: str(value)[:20],
    )
    async def test_a_body_is_as_small_as_any_other(self, body: bytes, status: int, piece_bytes: int) -> None:
        async with client(self.limited()) as http:
            response = await http.post("/api/v1/things/raw", content=pieces(body, piece_bytes))

        assert response.status_code == status
        if status == 413:
            assert response.json()["code"] == "request-too-large"

    async def test_what_is_streamed_whatever_it_is_is_not_looked_into(self) -> None:
        rule = BodyRule("/api/v1/things/raw", 500, streamed=True)
        async with client(BodyLimits(application(), LIMIT, [rule])) as http:
            fits, too_large = [
                await http.post("/api/v1/things/raw", content=b'"' * size) for size in (500, 501)
            ]

        assert (fits.status_code, too_large.status_code) == (200, 413)

    async def test_a_form_is_streamed_and_not_looked_into(self) -> None:
        async with client(self.limited()) as http:
            response = await http.post(
                "/api/v1/things/raw",
                content=b'"' * 500,
                headers={"Content-Type": "multipart/form-data; boundary=b"},
            )

        assert response.status_code == 200

    @given(st.lists(st.binary(max_size=20) | st.sampled_from([b'"', b",", b'a","b']), max_size=20))
    def test_the_longest_value_is_the_same_however_it_is_cut(self, parts: list[bytes]) -> None:
        told = LongestValue()
        for part in parts:
            told.feed(part)

        whole = b"".join(parts).replace(b",", b'"').split(b'"')
        assert told.longest == max(map(len, whole))
