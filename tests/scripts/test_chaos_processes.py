import os
import signal
import sys
from pathlib import Path

import pytest

from scripts.chaos_suites.failpoints import Death
from scripts.chaos_suites.processes import MARK, Ended, Running, children_of, marked, until, zombies_below

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

SLEEPS = "import time; time.sleep(60)"
LEAVES_AN_ORPHAN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])"


def started(tmp_path: Path, program: str, mark: str = "test") -> Running:
    environment = {**os.environ, MARK: mark}
    return Running("program", [sys.executable, "-c", program], environment, tmp_path / "program.log")


async def test_a_process_is_found_by_its_mark_until_it_is_killed(tmp_path: Path) -> None:
    running = started(tmp_path, SLEEPS, mark="found")

    assert await until(lambda: list(marked("found")) == [running.pid], 10)
    assert running.pid in children_of(os.getpid())
    running.kill()

    assert not running.is_alive
    assert marked("found") == {}


async def test_an_orphan_is_found_by_the_mark_of_its_parent(tmp_path: Path) -> None:
    running = started(tmp_path, LEAVES_AN_ORPHAN, mark="orphan")

    assert await running.ended_within(10)
    orphans = set(marked("orphan")) - {running.pid}
    await running.stop()

    assert len(orphans) == 1
    assert await until(lambda: not marked("orphan"), 10)


async def test_the_last_words_of_what_ended_are_told(tmp_path: Path) -> None:
    running = started(tmp_path, "raise SystemExit('out of coffee')")
    await running.ended_within(10)

    with pytest.raises(Ended, match="status 1:\nout of coffee"):
        running.ensure_alive()
    await running.stop()


async def test_the_unburied_are_found(tmp_path: Path) -> None:
    running = started(tmp_path, "")

    assert await until(lambda: running.pid in zombies_below(os.getpid()), 10)
    running.kill()

    assert running.pid not in zombies_below(os.getpid())


def test_death_comes_at_its_occasion(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    death = Death(after=3)

    death.near()
    death.near()
    assert killed == []
    death.near()

    assert killed == [(os.getpid(), signal.SIGKILL)]
