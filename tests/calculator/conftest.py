import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from app.calculator.config import CalculatorSettings
from app.calculator.main import create_app
from app.calculator.service import CalculatorService
from app.contract.problem import Problem


def problem(answer: httpx.Response) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate_json(answer.content)
    assert found.status == answer.status_code
    assert found.request_id == answer.headers["x-request-id"]
    return found


def post(path: str) -> dict[str, Any]:
    """An ASGI request without a client, to act one that misbehaves."""
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
    }


def gate_of(client: httpx.AsyncClient) -> Any:
    return client._transport.app  # type: ignore[attr-defined]


@asynccontextmanager
async def serving(settings: CalculatorSettings) -> AsyncIterator[tuple[httpx.AsyncClient, CalculatorService]]:
    """The whole calculator in this process, its children in their own."""
    app = create_app(settings)
    async with app.fastapi.router.lifespan_context(app.fastapi):
        service: CalculatorService = app.fastapi.state.service
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://calculator") as client:
            yield client, service


async def until(condition: Callable[[], bool]) -> None:
    """Processes come and go without an event to wait for."""
    while not condition():  # noqa: ASYNC110 - see above
        await asyncio.sleep(0.002)


async def until_ready(client: httpx.AsyncClient) -> None:
    while (await client.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 - it is asked for
        await asyncio.sleep(0.05)


@pytest.fixture(scope="session")
async def calculator() -> AsyncIterator[httpx.AsyncClient]:
    """One real calculator for all tests that only ask."""
    async with serving(CalculatorSettings(cached_analyses=0)) as (client, _):
        await until_ready(client)
        yield client
