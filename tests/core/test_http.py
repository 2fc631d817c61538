import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import structlog
from pydantic import BaseModel

from app.core.errors import AppError, Unavailable, UpstreamFailed, UpstreamTimeout
from app.core.http import Upstream, make_client, upstream_errors

Answer = httpx.Response | Exception
PROBLEM = {
    "type": "urn:millwright:problem:cad-invalid",
    "title": "Invalid",
    "status": 422,
    "detail": "No solid.",
    "code": "cad-invalid",
}


class Fake:
    """A neighbour with prepared answers; the last one is repeated."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def ok(body: Any = None) -> httpx.Response:
    return httpx.Response(200, json={"value": 1} if body is None else body)


def upstream(fake: Callable[[httpx.Request], httpx.Response], **changes: Any) -> Upstream:
    client = make_client(transport=httpx.MockTransport(fake))
    return Upstream("calculator", "http://calculator:7000/", client, **changes)


class Value(BaseModel):
    value: int


class TestRequest:
    async def test_sends_the_secret_and_the_id_of_our_own_request(self) -> None:
        fake = Fake(ok())
        calculator = upstream(fake, headers={"X-Shared": "s3cret"})

        with structlog.contextvars.bound_contextvars(request_id="req-1"):
            response = await calculator.request("POST", "/v1/price", json={"a": 1}, params={"view": "cost"})

        (request,) = fake.seen
        assert str(request.url) == "http://calculator:7000/v1/price?view=cost"
        assert request.headers["X-Shared"] == "s3cret"
        assert request.headers["X-Request-ID"] == "req-1"
        assert request.content == b'{"a":1}'
        assert calculator.read(response, Value) == Value(value=1)

    async def test_streams_a_body(self) -> None:
        received = b""

        async def answer(request: httpx.Request) -> httpx.Response:
            nonlocal received
            received = await request.aread()
            return ok()

        async def chunks() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"

        client = make_client(transport=httpx.MockTransport(answer))
        await Upstream("calculator", "http://c", client).request("POST", "/v1/analysis", content=chunks())

        assert received == b"onetwo"

    @pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 429])
    async def test_a_refusal_is_for_the_caller_to_translate(self, status: int) -> None:
        refusal = httpx.Response(status, json=PROBLEM, headers={"Content-Type": "application/problem+json"})
        calculator = upstream(Fake(refusal))

        response = await calculator.request("POST", "/v1/price")

        assert response.status_code == status
        assert calculator.problem(response).code == "cad-invalid"

    async def test_takes_the_media_type_it_expects(self) -> None:
        picture = httpx.Response(200, content=b"\x89PNG", headers={"Content-Type": "image/png"})

        response = await upstream(Fake(picture)).request("POST", "/v1/preview", expects="image/png")

        assert response.content == b"\x89PNG"

    async def test_an_empty_answer_has_no_media_type(self) -> None:
        response = await upstream(Fake(httpx.Response(204))).request("PUT", "/v1/catalogs/1")

        assert response.status_code == 204


class TestFailures:
    @pytest.mark.parametrize(
        ("answer", "family", "code"),
        [
            (httpx.ConnectError("refused"), Unavailable, "calculator-unavailable"),
            (httpx.ConnectTimeout("slow"), Unavailable, "calculator-unavailable"),
            (httpx.PoolTimeout("full"), Unavailable, "calculator-unavailable"),
            (httpx.ReadTimeout("slow"), UpstreamTimeout, "calculator-timeout"),
            (httpx.WriteTimeout("slow"), UpstreamTimeout, "calculator-timeout"),
            (httpx.ReadError("reset"), UpstreamFailed, "calculator-failed"),
            (httpx.RemoteProtocolError("rubbish"), UpstreamFailed, "calculator-failed"),
            (httpx.Response(503), Unavailable, "calculator-unavailable"),
            (httpx.Response(504), UpstreamTimeout, "calculator-timeout"),
            (httpx.Response(500, text="Traceback"), UpstreamFailed, "calculator-failed"),
            (httpx.Response(502, html="<h1>Bad</h1>"), UpstreamFailed, "calculator-failed"),
            (httpx.Response(200, html="<h1>Hi</h1>"), UpstreamFailed, "calculator-failed"),
            (httpx.Response(200, content=b"{}"), UpstreamFailed, "calculator-failed"),
            (httpx.Response(304), UpstreamFailed, "calculator-failed"),
            (
                httpx.Response(302, headers={"Location": "http://169.254.169.254/"}),
                UpstreamFailed,
                "calculator-failed",
            ),
            (
                httpx.Response(200, json={}, headers={"Content-Encoding": "br"}),
                UpstreamFailed,
                "calculator-failed",
            ),
        ],
        ids=lambda value: repr(value) if isinstance(value, Exception | httpx.Response) else "",
    )
    async def test_each_has_its_family_its_code_and_a_time_to_come_back(
        self, answer: Answer, family: type[AppError], code: str
    ) -> None:
        fake = Fake(answer)

        with pytest.raises(family) as raised:
            await upstream(fake).request("GET", "/v1/catalog")

        assert raised.value.wire_code == code
        assert int(raised.value.headers["Retry-After"]) > 0
        assert len(fake.seen) == 1

    async def test_passes_on_when_the_neighbour_wants_to_be_asked_again(self) -> None:
        busy = httpx.Response(503, headers={"Retry-After": "17"})

        with pytest.raises(Unavailable) as raised:
            await upstream(Fake(busy)).request("GET", "/")

        assert raised.value.headers["Retry-After"] == "17"

    @pytest.mark.parametrize("header", ["soon", "-1", "٣", "9" * 30, "1\r\nX: y"])
    async def test_passes_on_no_rubbish(self, header: str) -> None:
        busy = httpx.Response(503, headers=[(b"Retry-After", header.encode())])

        with pytest.raises(Unavailable) as raised:
            await upstream(Fake(busy)).request("GET", "/")

        assert raised.value.headers["Retry-After"] == "5"

    async def test_reads_no_more_than_it_wants(self) -> None:
        taken = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal taken
            while True:
                taken += 1
                yield bytes(1000)

        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=endless(), headers={"Content-Type": "application/json"})

        with pytest.raises(UpstreamFailed):
            await upstream(answer).request("GET", "/", max_bytes=5000)

        assert taken == 6

    async def test_gives_up_on_an_answer_that_drips(self) -> None:
        async def dripping() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.001)

        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=dripping(), headers={"Content-Type": "application/json"})

        with pytest.raises(UpstreamTimeout):
            await upstream(answer).request("GET", "/", timeout=0.02)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"value": "x"}', b"NaN", b"[" * 100_000, b"\xff"])
    async def test_a_body_that_does_not_fit_is_a_failure_of_the_neighbour(self, body: bytes) -> None:
        answer = httpx.Response(200, content=body, headers={"Content-Type": "application/json"})
        calculator = upstream(Fake(answer))
        response = await calculator.request("GET", "/")

        with pytest.raises(UpstreamFailed):
            calculator.read(response, Value)

    async def test_a_refusal_without_a_problem_document_is_a_failure(self) -> None:
        calculator = upstream(Fake(httpx.Response(404, text="nginx")))
        response = await calculator.request("GET", "/")

        with pytest.raises(UpstreamFailed):
            calculator.problem(response)


class TestBreaker:
    async def test_is_asked_no_more_after_several_failures(self) -> None:
        fake = Fake(httpx.ConnectError("refused"))
        calculator = upstream(fake, failures=3)

        for _ in range(10):
            with pytest.raises(Unavailable):
                await calculator.request("GET", "/")

        assert len(fake.seen) == 3

    @pytest.mark.parametrize(
        "answer", [httpx.PoolTimeout("full"), httpx.Response(302), httpx.Response(422)], ids=repr
    )
    async def test_what_is_no_failure_of_the_neighbour_keeps_it_closed(self, answer: Answer) -> None:
        fake = Fake(answer)
        calculator = upstream(fake, failures=2)

        for _ in range(5):
            try:
                await calculator.request("GET", "/")
            except AppError:
                continue

        assert len(fake.seen) == 5

    async def test_a_source_that_fails_is_not_the_neighbours_fault(self) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield b"one"
            raise LookupError("the file is gone")

        async def answer(request: httpx.Request) -> httpx.Response:
            await request.aread()
            return ok()

        client = make_client(transport=httpx.MockTransport(answer))
        calculator = Upstream("calculator", "http://c", client, failures=1)

        with pytest.raises(LookupError):
            await calculator.request("POST", "/", content=broken())

        assert (await calculator.request("GET", "/")).is_success


class TestRealSockets:
    async def test_a_closed_port_is_unavailable(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]

        async with make_client() as client:
            with pytest.raises(Unavailable):
                await Upstream("calculator", f"http://127.0.0.1:{port}", client).request("GET", "/")

    async def test_a_server_that_never_answers_is_a_timeout(self) -> None:
        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, make_client() as client:
            calculator = Upstream("calculator", f"http://127.0.0.1:{port}", client)

            with pytest.raises(UpstreamTimeout):
                await calculator.request("GET", "/", timeout=0.05)


def test_every_neighbour_has_its_three_codes_once() -> None:
    errors = upstream_errors("bitrix")

    assert [error.code for error in errors] == ["bitrix-unavailable", "bitrix-timeout", "bitrix-failed"]
    assert upstream_errors("bitrix") is errors
    assert errors.failed().detail == "The bitrix gave an answer that cannot be used."
