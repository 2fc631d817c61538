"""Two processes of the API over one database and one storage, as two machines would run them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from app.core.db import Database
from tests.factories.files import STEP
from tests.services.launcher import free_port
from tests.support.calculator import StandInCalculator
from tests.support.deployment import running, wait_for
from tests.support.sockets import served

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]

PASSWORD = "correct horse battery staple"
MILLING = {"service_id": "cnc-milling", "material_id": "alum_D16"}
MEANWHILE_SECONDS = 1.0
"""The second process has begun by then, if it begins at all."""


@asynccontextmanager
async def machine(settings: dict[str, str], folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An API process, and a client of it."""
    port = free_port()
    own = {"MILLWRIGHT_SERVER__PORT": str(port), "MILLWRIGHT_DATA_DIR": str(folder)}
    with running("api", settings | own):
        await asyncio.to_thread(wait_for, f"http://127.0.0.1:{port}/health/live")
        address = f"http://127.0.0.1:{port}/api/v1"
        async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
            yield client


@pytest.fixture
async def machines(
    live: Database, calculator: StandInCalculator, tmp_path: Path
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Two of them, their background work done by nobody, before a calculator that takes its time."""
    calculator.free = asyncio.Event()
    config = uvicorn.Config(calculator.app(), port=0, lifespan="off", log_level="error")
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(served(config))
        settings = {
            "MILLWRIGHT_DATABASE__URL": live.engine.url.render_as_string(hide_password=False),
            "MILLWRIGHT_STORAGE__URL": str(tmp_path / "files"),
            "MILLWRIGHT_STORAGE__DEMO_FILES": "false",
            "MILLWRIGHT_JOBS__EMBEDDED": "false",
            "MILLWRIGHT_CALCULATOR__URL": f"http://127.0.0.1:{port}",
        }
        folders = [tmp_path / "one", tmp_path / "two"]
        yield [await stack.enter_async_context(machine(settings, folder)) for folder in folders]


async def test_a_new_part_asked_for_in_both_at_once_is_measured_once(
    machines: list[httpx.AsyncClient], calculator: StandInCalculator
) -> None:
    headers = await signed_in(machines[0])
    file = await answered(machines[0].post("/files", files={"file": ("a.step", STEP)}, headers=headers))
    wanted = {**MILLING, "file_id": file["id"]}

    asked = [
        asyncio.create_task(answered(client.post("/calculate-price", json=wanted, headers=headers)))
        for client in machines
    ]
    async with asyncio.timeout(30):
        while not calculator.analysed:  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.01)
    await asyncio.sleep(MEANWHILE_SECONDS)
    assert calculator.free is not None
    calculator.free.set()
    one, two = await asyncio.gather(*asked)

    assert len(calculator.analysed) == 1
    assert one["total_price"] == two["total_price"]


async def signed_in(client: httpx.AsyncClient) -> dict[str, str]:
    account = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Customer"}
    await answered(client.post("/register", json=account))
    tokens = await answered(client.post("/login", json={"email": account["email"], "password": PASSWORD}))
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def answered(call: Any) -> Any:
    """The body of a success."""
    answer: httpx.Response = await call
    assert answer.is_success, answer.text
    return answer.json()
