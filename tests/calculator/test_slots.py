import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.calculator.children.slots import PASSED_OVER, Slots
from app.calculator.errors import Busy


class Hall:
    """Works that take a place until they are let go; who came in is written down in order."""

    def __init__(self, most: int, queue: int = 100) -> None:
        self.slots = Slots(most, queue)
        self.order: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.works: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str, *, nice: bool = False) -> None:
        self.ends[name] = asyncio.Event()
        self.works[name] = asyncio.create_task(self._work(name, nice=nice))
        await settled()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await settled()

    async def leave(self, name: str) -> None:
        self.works[name].cancel()
        await asyncio.wait({self.works[name]})
        await settled()

    async def _work(self, name: str, *, nice: bool) -> None:
        async with self.slots.taken(nice=nice):
            self.order.append(name)
            await self.ends[name].wait()


async def settled() -> None:
    """Everything that can go on has."""
    for _ in range(5):
        await asyncio.sleep(0)


@asynccontextmanager
async def hall(most: int, queue: int = 100) -> AsyncIterator[Hall]:
    opened = Hall(most, queue)
    yield opened
    for work in opened.works.values():
        work.cancel()
    await asyncio.wait(opened.works.values())


class TestOrder:
    async def test_what_is_waited_for_goes_before_drawings_that_came_earlier(self) -> None:
        async with hall(most=1) as places:
            await places.come("drawing 1", nice=True)
            await places.come("drawing 2", nice=True)
            await places.come("analysis 1")
            await places.come("analysis 2")

            for name in ("drawing 1", "analysis 1", "analysis 2"):
                await places.end(name)

            assert places.order == ["drawing 1", "analysis 1", "analysis 2", "drawing 2"]

    async def test_drawings_leave_a_place(self) -> None:
        async with hall(most=3) as places:
            for number in (1, 2, 3):
                await places.come(f"drawing {number}", nice=True)

            await places.come("analysis")

            assert places.order == ["drawing 1", "drawing 2", "analysis"]

    async def test_analyses_take_every_place(self) -> None:
        async with hall(most=2) as places:
            await places.come("analysis 1")
            await places.come("analysis 2")
            await places.come("drawing", nice=True)

            assert places.order == ["analysis 1", "analysis 2"]

    async def test_a_drawing_has_its_turn_at_last(self) -> None:
        async with hall(most=1) as places:
            await places.come("analysis")
            await places.come("drawing", nice=True)
            for number in range(PASSED_OVER + 1):
                await places.come(f"analysis {number}")

            for name in ("analysis", *(f"analysis {number}" for number in range(PASSED_OVER))):
                await places.end(name)

            assert places.order[-1] == "drawing"


class TestLeaving:
    async def test_in_the_queue_takes_no_place(self) -> None:
        async with hall(most=1) as places:
            await places.come("first")
            await places.come("second")
            await places.come("third")

            await places.leave("second")
            await places.end("first")

            assert places.order == ["first", "third"]
            assert places.slots.waiting == 0

    @pytest.mark.parametrize("nice", [True, False])
    async def test_in_the_moment_of_ones_turn_gives_the_place_on(self, *, nice: bool) -> None:
        async with hall(most=1) as places:
            await places.come("first")
            await places.come("second", nice=nice)
            await places.come("third", nice=nice)

            places.ends["first"].set()
            await asyncio.sleep(0)
            await places.leave("second")

            assert places.order[-1] == "third"

    async def test_just_before_ones_turn_gives_it_to_the_next(self) -> None:
        async with hall(most=1) as places:
            await places.come("first")
            await places.come("second")
            await places.come("third")

            places.ends["first"].set()
            places.works["second"].cancel()
            await settled()

            assert places.order == ["first", "third"]


class TestRoom:
    async def test_is_refused_when_too_many_wait(self) -> None:
        async with hall(most=1, queue=1) as places:
            await places.come("first")
            await places.come("second")

            with pytest.raises(Busy):
                places.slots.check_room()

    async def test_drawings_that_wait_keep_no_analysis_out(self) -> None:
        async with hall(most=1, queue=1) as places:
            await places.come("first")
            await places.come("drawing", nice=True)

            places.slots.check_room()
            with pytest.raises(Busy):
                places.slots.check_room(nice=True)
