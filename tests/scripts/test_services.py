import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.machine import SetupError
from scripts.local.services import (
    Service,
    ServiceFailed,
    ensure_port_is_free,
    only_one,
    wait_until_healthy,
    watch,
)

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9/health/ready"
"""The discard port: nothing listens there."""


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        yield bound.getsockname()[1]


def service(tmp_path: Path, module: str, health_url: str = NOBODY) -> Service:
    made = Service("calculator", module, tmp_path / "logs" / "calculator.log", health_url)
    made.start(Path(sys.executable), os.environ)
    return made


class TestPort:
    def test_one_in_use_is_named_with_the_option_that_changes_it(self, listener: int) -> None:
        with pytest.raises(SetupError, match=f"Port {listener} on 127.0.0.1 is already in use.*--port"):
            ensure_port_is_free("127.0.0.1", listener, "--port")

    def test_an_address_of_another_machine_is_refused(self) -> None:
        with pytest.raises(SetupError, match="cannot be listened on"):
            ensure_port_is_free("192.0.2.1", 8000, "--port")


class TestDataFolder:
    def test_a_second_start_is_told_who_holds_it(self, tmp_path: Path) -> None:
        with (
            only_one(tmp_path),
            pytest.raises(SetupError, match=f"already runs on {tmp_path} \\(process {os.getpid()}\\)"),
            only_one(tmp_path),
        ):
            pass

    def test_it_is_free_again_afterwards(self, tmp_path: Path) -> None:
        with only_one(tmp_path):
            pass

        with only_one(tmp_path):
            pass


class TestService:
    def test_that_ends_at_once_is_reported_with_its_last_words(self, tmp_path: Path) -> None:
        failing = service(tmp_path, "no_such_module_of_ours")

        with pytest.raises(
            ServiceFailed, match=r"calculator ended with status 1(.|\n)*no_such_module_of_ours"
        ):
            wait_until_healthy([failing], 60)

    def test_that_ends_later_is_reported_too(self, tmp_path: Path) -> None:
        with pytest.raises(ServiceFailed, match="ended with status 0"):
            watch([service(tmp_path, "this")])

    def test_that_never_becomes_healthy_is_given_up(self, tmp_path: Path) -> None:
        silent = service(tmp_path, "tests.scripts.waits")

        with pytest.raises(ServiceFailed, match="not healthy after 0 seconds"):
            wait_until_healthy([silent], 0)

        silent.stop()

    def test_is_gone_after_a_stop(self, tmp_path: Path) -> None:
        running = service(tmp_path, "tests.scripts.waits")

        running.stop()

        with pytest.raises(ServiceFailed, match="ended with status"):
            running.fail_if_ended()

    def test_a_log_that_grew_is_put_aside(self, tmp_path: Path) -> None:
        log = tmp_path / "logs" / "calculator.log"
        log.parent.mkdir()
        with log.open("wb") as file:
            file.truncate(30_000_000)

        service(tmp_path, "this").stop()

        assert log.with_suffix(".log.1").stat().st_size == 30_000_000
        assert log.stat().st_size < 30_000_000

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's part of it is Linux's")
    def test_does_not_outlive_the_one_who_started_it(self, tmp_path: Path) -> None:
        starter = [sys.executable, "-m", "tests.scripts.starts_and_dies", str(tmp_path / "service.log")]

        died = subprocess.run(starter, cwd=ROOT, capture_output=True, text=True, check=False)

        assert died.returncode == 9
        wait_for_the_end_of(int(died.stdout))


def wait_for_the_end_of(pid: int) -> None:
    """Returns at its end, however long that takes; a process that stays fails by the test's time limit."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([handle], [], [])
    finally:
        os.close(handle)
