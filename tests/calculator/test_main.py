import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.calculator.bodies import binary_stl, box, torus
from tests.calculator.conftest import until
from tests.calculator.test_children import descendants, is_alive

pytestmark = [pytest.mark.services, pytest.mark.cad]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def calculator() -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """The service as an operator starts it, ready."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.calculator.main"),
        env={**os.environ, "MILLWRIGHT_CALCULATOR__PORT": str(port)},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            while not await is_ready(client):  # noqa: ASYNC110 - readiness is asked for
                await asyncio.sleep(0.1)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.ConnectError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_and_everything_below_it(number: signal.Signals) -> None:
    async with calculator() as (process, client):
        assert (await client.post("/v1/analysis", content=binary_stl(box(1, 2, 3)))).status_code == 200
        below = descendants(process.pid)
        assert below

        process.send_signal(number)
        status = await process.wait()

    assert status == 0
    assert [pid for pid in below if is_alive(pid)] == []


async def test_a_sudden_death_takes_the_children_along() -> None:
    async with calculator() as (process, client):
        big = binary_stl(torus(30, 10, 800, 300))
        upload = asyncio.create_task(client.post("/v1/analysis", content=big))
        await until(lambda: len(descendants(process.pid)) > 1)
        below = descendants(process.pid)

        process.kill()
        with pytest.raises(httpx.HTTPError):
            await upload

    await until(lambda: not any(is_alive(pid) for pid in below))


async def test_a_client_that_hangs_up_frees_its_child() -> None:
    async with calculator() as (process, client):
        big = binary_stl(torus(30, 10, 800, 300))
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/v1/analysis", content=big, timeout=httpx.Timeout(30, read=0.01))

        answer = await client.post("/v1/analysis", content=binary_stl(box(1, 2, 3)))

    assert answer.status_code == 200
    assert process.returncode is not None
