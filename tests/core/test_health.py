import asyncio

import pytest

from app.core import health
from app.core.health import Probes


async def test_who_does_not_hang_up_in_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.05)
    may_hang_up, gone = asyncio.Event(), asyncio.Event()

    async def database() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await may_hang_up.wait()
            gone.set()

    async def calculator() -> None: ...

    async with asyncio.timeout(10):
        readiness = await Probes(database=database, calculator=calculator).ask()
        may_hang_up.set()
        await gone.wait()

    assert readiness.checks == {"database": "failing", "calculator": "ok"}
