from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.calculator.conftest import gate_of, post, problem

pytestmark = pytest.mark.cad


class TestSmallBodies:
    async def test_a_body_too_large_is_refused_while_it_is_read(self, calculator: httpx.AsyncClient) -> None:
        sent_bytes = 0

        async def more_and_more() -> AsyncIterator[bytes]:
            nonlocal sent_bytes
            for _ in range(1000):
                sent_bytes += 10_000
                yield b" " * 10_000

        announced = await calculator.post("/v1/price", content=b" " * 5_000_001)
        counted = await calculator.post("/v1/price", content=more_and_more())
        elsewhere = await calculator.post("/v1/catalog", content=b" " * 5_000_001)
        fits = await calculator.post("/v1/price", content=b" " * 5_000_000)

        refused = [problem(answer) for answer in (announced, counted, elsewhere)]
        assert [(one.status, one.code) for one in refused] == [(413, "payload-too-large")] * 3
        assert fits.status_code != 413

    async def test_a_client_that_leaves_within_its_body_is_not_answered(
        self, calculator: httpx.AsyncClient
    ) -> None:
        sent: list[dict[str, Any]] = []
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await gate_of(calculator)(post("/v1/price"), receive, send)

        assert sent == []
