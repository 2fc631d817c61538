import asyncio
import os
import sys
import threading
from contextvars import ContextVar

import pytest

from app.core.offload import Offload, Overloaded

request_id: ContextVar[str] = ContextVar("request_id", default="none")


class Gate:
    """Work that stays in its thread until it is let go."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._open = threading.Event()

    def work(self) -> str:
        self._loop.call_soon_threadsafe(self.entered.set)
        self._open.wait(10)
        return "done"

    def let_go(self) -> None:
        self._open.set()


async def test_runs_in_a_thread_of_its_name_with_the_callers_context() -> None:
    pool = Offload("passwords")
    request_id.set("r-1")

    name, seen = await pool.run(lambda: (threading.current_thread().name, request_id.get()))
    await pool.close()

    assert name.startswith("passwords")
    assert seen == "r-1"


async def test_exceptions_reach_the_caller_and_free_the_place() -> None:
    pool = Offload("one", workers=1, waiting=0)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await pool.run(divmod, 1, 0)
    await pool.close()


async def test_refuses_at_once_when_the_queue_is_full() -> None:
    pool, gate = Offload("small", workers=1, waiting=1), Gate()
    running = asyncio.create_task(pool.run(gate.work))
    await gate.entered.wait()
    waiting = asyncio.create_task(pool.run(str, 1))
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        await pool.run(str, 2)

    gate.let_go()
    assert [await running, await waiting] == ["done", "1"]
    assert await pool.run(str, 3) == "3"
    await pool.close()


async def test_a_cancelled_waiter_gives_up_its_place() -> None:
    pool, gate = Offload("small", workers=1, waiting=1), Gate()
    running = asyncio.create_task(pool.run(gate.work))
    await gate.entered.wait()
    waiting = asyncio.create_task(pool.run(str, 1))
    await asyncio.sleep(0)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    successor = asyncio.create_task(pool.run(str, 2))
    await asyncio.sleep(0)

    gate.let_go()
    assert [await running, await successor] == ["done", "2"]
    await pool.close()


async def test_begun_work_keeps_its_place_after_its_caller_was_cancelled() -> None:
    pool, gate = Offload("small", workers=1, waiting=0), Gate()
    running = asyncio.create_task(pool.run(gate.work))
    await gate.entered.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    with pytest.raises(Overloaded):
        await pool.run(str, 1)
    gate.let_go()
    await pool.close()


async def test_a_closed_pool_takes_nothing() -> None:
    pool = Offload("closed")
    await pool.close()

    with pytest.raises(RuntimeError):
        await pool.run(str, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")
async def test_a_nice_pool_gives_way_and_nobody_else_does() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    nice, plain = Offload("nice", niceness=3), Offload("plain")
    usual = priority()

    assert await nice.run(priority) == min(usual + 3, 19)
    assert await plain.run(priority) == priority() == usual
    await nice.close()
    await plain.close()
