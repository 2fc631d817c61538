from collections.abc import Callable

import httpx
import pytest

from app.analyses.client import GeometryClient
from app.analyses.errors import CadInvalid, CadTooComplex, CadUnreadable
from app.core.errors import AppError, Unavailable, UpstreamFailed, UpstreamTimeout
from app.core.http import Upstream, make_client
from app.files.incoming import in_pieces
from tests.support.calculator import facts

Answer = Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str) -> Answer:
    body = {"type": "x", "title": "x", "status": status, "detail": "why", "code": code}
    headers = {"Content-Type": "application/problem+json"}
    return lambda _: httpx.Response(status, json=body, headers=headers)


def broken(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return answer


async def analyse(answer: Answer) -> object:
    async with make_client(transport=httpx.MockTransport(answer)) as client:
        upstream = Upstream("calculator", "http://calculator.test", client)
        return await GeometryClient(upstream).analyse(in_pieces(b"part"), "part.step")


class TestAnalyse:
    async def test_streams_the_bytes_and_reads_the_facts(self) -> None:
        seen: list[tuple[str, bytes]] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            seen.append((str(request.url), await request.aread()))
            return httpx.Response(200, json=facts())

        async with make_client(transport=httpx.MockTransport(answer)) as client:
            upstream = Upstream("calculator", "http://calculator.test", client)
            found = await GeometryClient(upstream).analyse(in_pieces(b"part"), "a b.step")

        assert found.volume_mm3 == 1920.0
        assert seen == [("http://calculator.test/v1/analysis?name=a+b.step", b"part")]

    @pytest.mark.parametrize(
        ("answer", "failure"),
        [
            (problem(422, "cad-unreadable"), CadUnreadable),
            (problem(422, "cad-invalid"), CadInvalid),
            (problem(422, "cad-too-complex"), CadTooComplex),
            (problem(415, "unsupported-file"), CadUnreadable),
            (problem(413, "file-too-large"), CadTooComplex),
            (problem(401, "unauthenticated"), UpstreamFailed),
            (problem(503, "calculator-busy"), Unavailable),
            (problem(500, "unexpected"), UpstreamFailed),
            (lambda _: httpx.Response(200, json={"volume_mm3": "big"}), UpstreamFailed),
            (lambda _: httpx.Response(200, text="<html>"), UpstreamFailed),
            (lambda _: httpx.Response(302, headers={"Location": "/"}), UpstreamFailed),
            (broken(httpx.ConnectError), Unavailable),
            (broken(httpx.ReadTimeout), UpstreamTimeout),
            (broken(httpx.ReadError), UpstreamFailed),
        ],
    )
    async def test_translates_every_failure(self, answer: Answer, failure: type[AppError]) -> None:
        with pytest.raises(failure):
            await analyse(answer)

    async def test_a_refusal_says_what_is_wrong_and_what_to_do(self) -> None:
        with pytest.raises(CadTooComplex) as refused:
            await analyse(problem(422, "cad-too-complex"))

        assert refused.value.detail == "Why. Simplify the part, or ask for a quote."

    async def test_nothing_infinite_is_believed(self) -> None:
        text = httpx.Response(200, json=facts()).text.replace("1920.0", "Infinity")

        with pytest.raises(UpstreamFailed):
            await analyse(
                lambda _: httpx.Response(200, text=text, headers={"Content-Type": "application/json"})
            )
