import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.calculator.children.life import ChildrenGone
from app.calculator.children.protocol import Ending, Limits
from app.calculator.children.runner import Children
from app.calculator.errors import Busy
from tests.calculator.conftest import until
from tests.calculator.misbehaving import DIED_ALREADY

IN_WAITING = 1
"""The fork server keeps one child ready for the next order."""

JOBS = "tests.calculator.misbehaving"
PATIENT = Limits(wall_seconds=20, cpu_seconds=10, memory_bytes=256 * 2**20, written_bytes=1000)
HURRIED = Limits(wall_seconds=0.3, cpu_seconds=10, memory_bytes=256 * 2**20, written_bytes=1000)


def job(name: str) -> str:
    return f"{JOBS}:{name}"


def number_in(path: Path) -> int | None:
    """The number that a child writes into the file, once it has."""
    text = path.read_text(encoding="ascii") if path.exists() else ""
    return int(text) if text else None


async def written(path: Path) -> int:
    await until(lambda: number_in(path) is not None)
    number = number_in(path)
    assert number is not None
    return number


def is_buried(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def descendants(pid: int) -> list[int]:
    """Every process below this one, the unburied ones included."""
    direct = [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text(encoding="ascii").split()
    ]
    return direct + [below for child in direct for below in descendants(child)]


async def start(*, most: int = 2, queue: int = 4, prepare: str = "prepare") -> Children:
    children = Children([job(prepare)], most=most, queue=queue)
    await children.start()
    return children


@pytest.fixture(scope="module")
async def children() -> AsyncIterator[Children]:
    children = await start()
    yield children
    await children.stop()


class TestOutcomes:
    async def test_a_job_answers_with_what_it_was_given(self, children: Children) -> None:
        outcome = await children.run(job("echo"), {"a": [1, "ö"]}, PATIENT)

        assert (outcome.ending, outcome.answer) == (Ending.done, {"a": [1, "ö"]})

    async def test_a_job_reads_a_file_without_a_name(self, children: Children) -> None:
        with tempfile.TemporaryFile() as file:
            file.write("größe".encode())
            file.flush()

            outcome = await children.run(job("read"), {}, PATIENT, file)

        assert outcome.answer == {"content": "größe"}

    async def test_a_job_writes_the_file_it_is_handed(self, children: Children) -> None:
        with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as output:
            file.write(b"content")
            file.flush()

            outcome = await children.run(job("copy"), {}, PATIENT, file, output)

            assert (outcome.answer, output.read()) == ({"written": 7}, b"content")

    async def test_a_job_writes_no_more_than_its_limit(self, children: Children) -> None:
        with tempfile.TemporaryFile() as output:
            outcome = await children.run(job("flood"), {}, PATIENT, output=output)

            assert outcome.ending is Ending.failed
            assert len(output.read()) == PATIENT.written_bytes

    async def test_a_refusal_keeps_its_code_and_words(self, children: Children) -> None:
        outcome = await children.run(job("refuse"), {}, PATIENT)

        assert outcome.ending is Ending.refused
        assert outcome.answer == {"code": "cad-invalid", "detail": "no part"}

    @pytest.mark.parametrize(
        ("name", "ending"),
        [
            ("die", Ending.crashed),
            ("die_from_outside", Ending.killed),
            ("leave", Ending.crashed),
            ("chatter", Ending.crashed),
            ("fail", Ending.failed),
            ("infinite", Ending.failed),
            ("grow", Ending.out_of_memory),
            ("no_such_job", Ending.failed),
        ],
    )
    async def test_every_other_end_has_a_name(self, children: Children, name: str, ending: Ending) -> None:
        assert (await children.run(job(name), {}, PATIENT)).ending is ending

    async def test_stages_survive_a_crash(self, children: Children) -> None:
        outcome = await children.run(job("report_and_die"), {}, PATIENT)

        assert (outcome.ending, outcome.stage) == (Ending.crashed, {"known": 2})

    async def test_stages_survive_the_deadline(self, children: Children) -> None:
        outcome = await children.run(job("hang"), {}, HURRIED)

        assert (outcome.ending, outcome.stage) == (Ending.out_of_time, {"known": 1})

    async def test_processor_time_is_limited_apart_from_the_clock(self, children: Children) -> None:
        limits = Limits(wall_seconds=20, cpu_seconds=1, memory_bytes=2**28)

        assert (await children.run(job("spin"), {}, limits)).ending is Ending.out_of_time


class TestIsolation:
    async def test_limits_hold_in_the_child(self, children: Children) -> None:
        told = (await children.run(job("limits"), {}, PATIENT)).answer

        assert (told["core"], told["cpu"], told["files"], told["leads_its_group"]) == (0, 10, 64, True)

    async def test_a_child_holds_its_channel_and_nothing_of_the_server(self, children: Children) -> None:
        opened = (await children.run(job("limits"), {}, PATIENT)).answer["open"]

        assert len([name for name in opened if name.startswith("socket:")]) == 1

    async def test_a_child_cannot_fill_the_disk(self, children: Children, tmp_path: Path) -> None:
        limits = Limits(wall_seconds=20, cpu_seconds=10, memory_bytes=2**28, written_bytes=0)

        outcome = await children.run(job("write"), {"path": str(tmp_path / "x")}, limits)

        assert outcome.ending in {Ending.crashed, Ending.failed}
        assert not (tmp_path / "x").exists() or not (tmp_path / "x").stat().st_size

    async def test_one_crash_does_not_touch_its_neighbours(self, children: Children) -> None:
        outcomes = await asyncio.gather(
            *(children.run(job(name), {}, PATIENT) for name in ("die", "echo", "die", "echo", "die", "echo"))
        )

        assert [outcome.ending for outcome in outcomes] == [Ending.crashed, Ending.done] * 3

    async def test_every_child_is_buried(self, children: Children) -> None:
        for name in ("echo", "die", "leave", "refuse"):
            await children.run(job(name), {}, PATIENT)
        await children.run(job("hang"), {}, HURRIED)

        await until(lambda: not children.running)
        assert children.server_pid is not None
        assert len(descendants(children.server_pid)) <= IN_WAITING

    async def test_what_a_child_started_dies_with_it(self, children: Children, tmp_path: Path) -> None:
        await children.run(job("spawn"), {"mark": str(tmp_path / "pid")}, PATIENT)

        sleeper = await written(tmp_path / "pid")
        await until(lambda: not is_alive(sleeper))


class TestCancelling:
    async def test_kills_and_buries_the_child(self, children: Children, tmp_path: Path) -> None:
        work = asyncio.create_task(children.run(job("hang"), {"mark": str(tmp_path / "pid")}, PATIENT))
        pid = await written(tmp_path / "pid")

        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

        assert is_buried(pid)
        assert (await children.run(job("echo"), {}, PATIENT)).ending is Ending.done

    async def test_in_the_queue_starts_no_child(self, tmp_path: Path) -> None:
        children = await start(most=1)
        first = asyncio.create_task(children.run(job("hang"), {"mark": str(tmp_path / "first")}, PATIENT))
        await written(tmp_path / "first")
        second = asyncio.create_task(children.run(job("hang"), {"mark": str(tmp_path / "second")}, PATIENT))
        await asyncio.sleep(0)

        for task in (second, first):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        assert (await children.run(job("echo"), {}, PATIENT)).ending is Ending.done
        assert not (tmp_path / "second").exists()
        await children.stop()


class TestQueue:
    async def test_is_bounded(self, tmp_path: Path) -> None:
        children = await start(most=1, queue=1)
        running = asyncio.create_task(children.run(job("hang"), {"mark": str(tmp_path / "pid")}, PATIENT))
        await written(tmp_path / "pid")
        waiting = asyncio.create_task(children.run(job("echo"), {}, PATIENT))
        await asyncio.sleep(0)

        with pytest.raises(Busy):
            await children.run(job("echo"), {}, PATIENT)

        running.cancel()
        assert (await waiting).ending is Ending.done
        await asyncio.wait({running})
        await children.stop()


class TestServer:
    @pytest.mark.parametrize("prepare", ["lose_the_first_child", "lose_the_first_server"])
    async def test_one_that_dies_at_its_birth_is_followed_by_another(
        self, prepare: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(DIED_ALREADY, str(tmp_path / "flag"))
        children = await start(prepare=prepare)

        async with asyncio.timeout(20):
            assert (await children.run(job("echo"), {}, PATIENT)).ending is Ending.done

        assert (tmp_path / "flag").exists()
        await children.stop()

    async def test_is_started_anew_when_it_dies(self, children: Children, tmp_path: Path) -> None:
        work = asyncio.create_task(children.run(job("hang"), {"mark": str(tmp_path / "pid")}, PATIENT))
        orphan = await written(tmp_path / "pid")
        assert children.server_pid is not None
        first = children.server_pid

        os.kill(first, signal.SIGKILL)
        with pytest.raises(ChildrenGone):
            await work

        assert (await children.run(job("echo"), {}, PATIENT)).ending is Ending.done
        assert children.server_pid != first
        await until(lambda: not is_alive(orphan))

    async def test_a_child_in_waiting_that_died_is_replaced(self, children: Children) -> None:
        assert children.server_pid is not None
        server = children.server_pid
        await until(lambda: not children.running and len(descendants(server)) == IN_WAITING)

        os.kill(descendants(server)[0], signal.SIGKILL)
        await asyncio.sleep(0.05)

        assert (await children.run(job("echo"), {}, PATIENT)).ending is Ending.done

    async def test_a_child_in_waiting_rehearses_and_takes_no_harm_from_it(self) -> None:
        children = await start(prepare="rehearse")

        async with asyncio.timeout(20):  # an order that is already there comes first
            while (await children.run(job("rehearsed"), {}, PATIENT)).answer != {  # noqa: ASYNC110 - see above
                "rehearsed": ["stumbled", "went on"]
            }:
                await asyncio.sleep(0.01)

        await children.stop()

    async def test_a_rehearsal_is_left_as_soon_as_there_is_an_order(self) -> None:
        children = await start(prepare="rehearse_for_ever")

        async with asyncio.timeout(20):
            assert (await children.run(job("echo"), {}, PATIENT)).ending is Ending.done

        await children.stop()

    async def test_a_child_that_is_only_waiting_is_not_under_the_clock(self, children: Children) -> None:
        await children.run(job("echo"), {}, HURRIED)
        assert children.server_pid is not None
        server = children.server_pid
        await until(lambda: not children.running and len(descendants(server)) == IN_WAITING)
        waiting = descendants(server)

        await asyncio.sleep(2 * HURRIED.wall_seconds)

        assert descendants(server) == waiting

    async def test_stopping_leaves_no_process_behind(self, tmp_path: Path) -> None:
        children = await start()
        work = asyncio.create_task(children.run(job("hang"), {"mark": str(tmp_path / "pid")}, PATIENT))
        pid = await written(tmp_path / "pid")
        server = children.server_pid

        await children.stop()
        with pytest.raises(ChildrenGone):
            await work

        assert server is not None
        assert is_buried(server)
        assert not is_alive(pid)

    async def test_that_cannot_start_is_not_up(self) -> None:
        children = await start(prepare="refuse_to_start")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(children.run(job("echo"), {}, PATIENT), 1)

        assert not children.is_up
        await children.stop()
