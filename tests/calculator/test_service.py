import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from app.calculator.catalog import loader
from app.calculator.children.life import ChildrenGone
from app.calculator.children.protocol import Ending, Limits, Outcome
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.errors import (
    Busy,
    CadInvalid,
    CadTooComplex,
    CadUnreadable,
    CalculatorError,
    FileTooLarge,
    UnsupportedFile,
)
from app.calculator.metrics import Metrics
from app.calculator.service import CalculatorService
from app.calculator.shelf import CatalogShelf
from tests.calculator.bodies import binary_stl, box
from tests.support.calculator import facts

PART = binary_stl(box(20, 12, 8))
OTHER = binary_stl(box(1, 2, 3))


def names_in(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


class ScriptedChildren(Children):
    """Answers from a script instead of forking; remembers what it was asked."""

    def __init__(self, outcome: Outcome | Exception, *, room: bool = True) -> None:
        super().__init__((), most=1, queue=0)
        self.outcome = outcome
        self.room = room
        self.gate = asyncio.Event()
        self.gate.set()
        self.contents: list[bytes] = []
        self.cancelled = 0

    def check_room(self) -> None:
        if not self.room:
            raise Busy("full")

    async def run(
        self,
        job: str,
        arguments: dict[str, Any],
        limits: Limits,
        file: BinaryIO | None = None,
        output: BinaryIO | None = None,
    ) -> Outcome:
        assert file is not None
        assert output is None
        assert limits.niceness == 0, "somebody waits for a price"
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        file.seek(0)
        self.contents.append(file.read())
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def service(children: Children, **settings: Any) -> CalculatorService:
    return CalculatorService(
        CalculatorSettings(**settings),
        children,
        CatalogShelf(loader.load(), 2),
        Metrics(lambda: children.running),
    )


def done(**changes: Any) -> Outcome:
    return Outcome(Ending.done, facts(**changes))


async def body(content: bytes, piece: int = 100) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(1000)


class TestUpload:
    async def test_reaches_the_child_byte_for_byte(self) -> None:
        children = ScriptedChildren(done())

        await service(children).analyse(body(PART), None)

        assert children.contents == [PART]

    async def test_is_refused_by_its_announced_size_before_it_is_read(self) -> None:
        with pytest.raises(FileTooLarge):
            await service(ScriptedChildren(done()), max_file_bytes=10).analyse(endless(), 11)

    async def test_is_refused_as_soon_as_it_is_too_long(self) -> None:
        with pytest.raises(FileTooLarge):
            await service(ScriptedChildren(done()), max_file_bytes=5000).analyse(endless(), None)

    @pytest.mark.parametrize(
        ("content", "error"),
        [(b"", CadUnreadable), (b"\x89PNG\r\n", UnsupportedFile), (b"text", UnsupportedFile)],
    )
    async def test_of_no_known_content_starts_no_child(
        self, content: bytes, error: type[CalculatorError]
    ) -> None:
        children = ScriptedChildren(done())

        with pytest.raises(error):
            await service(children).analyse(body(content), None)

        assert children.contents == []

    async def test_leaves_no_file_with_a_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        children = ScriptedChildren(done())
        children.gate.clear()
        work = asyncio.create_task(service(children).analyse(body(PART), None))
        await asyncio.sleep(0.05)

        assert names_in(tmp_path) == []

        children.gate.set()
        await work

    async def test_is_refused_when_the_queue_is_full(self) -> None:
        with pytest.raises(Busy):
            await service(ScriptedChildren(done(), room=False)).analyse(body(PART), None)


class TestOutcome:
    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            (Outcome(Ending.refused, {"code": "cad-invalid", "detail": "x"}), CadInvalid),
            (Outcome(Ending.refused, {"code": "cad-too-complex", "detail": "x"}), CadTooComplex),
            (Outcome(Ending.refused, {"code": "something else", "detail": "x"}), CadUnreadable),
            (Outcome(Ending.crashed), CadUnreadable),
            (Outcome(Ending.failed, {"error": "LookupError"}), CadUnreadable),
            (Outcome(Ending.out_of_time), CadTooComplex),
            (Outcome(Ending.out_of_memory), CadTooComplex),
            (Outcome(Ending.done, {"volume_mm3": "huge"}), CadUnreadable),
            (ChildrenGone(), Busy),
        ],
    )
    async def test_without_facts_is_a_refusal(
        self, outcome: Outcome | Exception, error: type[CalculatorError]
    ) -> None:
        with pytest.raises(error):
            await service(ScriptedChildren(outcome)).analyse(body(PART), None)

    async def test_killed_from_outside_is_no_verdict_on_the_part(self) -> None:
        children = ScriptedChildren(Outcome(Ending.killed))

        with pytest.raises(Busy):
            await service(children).analyse(body(PART), None)

        assert len(children.contents) == 2

    @pytest.mark.parametrize("ending", [Ending.out_of_time, Ending.out_of_memory, Ending.crashed])
    async def test_keeps_the_stages_that_were_finished(self, ending: Ending) -> None:
        outcome = Outcome(ending, stage=facts(complete=False, volume_mm3=None))

        found = await service(ScriptedChildren(outcome)).analyse(body(PART), None)

        assert (found.complete, found.volume_mm3, found.area_mm2) == (False, None, 992)


class TestKeeping:
    async def test_the_same_content_is_analysed_once(self) -> None:
        children = ScriptedChildren(done())
        calculator = service(children)

        first = await calculator.analyse(body(PART), None)
        second = await calculator.analyse(body(PART, piece=7), None)

        assert first == second
        assert len(children.contents) == 1

    async def test_incomplete_facts_are_not_kept(self) -> None:
        children = ScriptedChildren(Outcome(Ending.out_of_time, stage=facts(complete=False)))
        calculator = service(children)

        for _ in range(2):
            await calculator.analyse(body(PART), None)

        assert len(children.contents) == 2

    async def test_only_so_many_are_kept_and_the_oldest_goes(self) -> None:
        children = ScriptedChildren(done())
        calculator = service(children, cached_analyses=1)

        for content in (PART, OTHER, PART):
            await calculator.analyse(body(content), None)

        assert len(children.contents) == 3


class TestSharing:
    async def test_twins_at_the_same_time_share_one_child(self) -> None:
        children = ScriptedChildren(done())
        children.gate.clear()
        calculator = service(children)
        twins = [asyncio.create_task(calculator.analyse(body(PART), None)) for _ in range(5)]
        await asyncio.sleep(0.1)

        children.gate.set()
        found = await asyncio.gather(*twins)

        assert len(children.contents) == 1
        assert {one.volume_mm3 for one in found} == {1920}

    async def test_the_child_goes_on_while_somebody_waits(self) -> None:
        children = ScriptedChildren(done())
        children.gate.clear()
        calculator = service(children)
        first = asyncio.create_task(calculator.analyse(body(PART), None))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(calculator.analyse(body(PART), None))
        await asyncio.sleep(0.05)

        first.cancel()
        await asyncio.wait({first})
        children.gate.set()

        assert (await second).volume_mm3 == 1920
        assert children.contents == [PART]

    async def test_the_last_to_leave_stops_it(self) -> None:
        children = ScriptedChildren(done())
        children.gate.clear()
        work = asyncio.create_task(service(children).analyse(body(PART), None))
        await asyncio.sleep(0.05)

        work.cancel()
        await asyncio.wait({work})

        assert children.cancelled == 1
