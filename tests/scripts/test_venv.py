import os
import sys
from pathlib import Path

import pytest

from scripts.local.machine import SetupError
from scripts.local.venv import set_up

FAKE_UV = """#!/bin/sh
echo "$1 $2" >> "{calls}"
for last; do :; done
case "$1" in
    venv) mkdir -p "$last/bin" && ln -s "{python}" "$last/bin/python" ;;
    pip) exit {status} ;;
esac
"""


class Machine:
    """A machine whose uv writes down what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.venv = folder / ".venv"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self._calls = folder / "calls"
        self.install_status(0)

    def install_status(self, status: int) -> None:
        tool = self.bin / "uv"
        tool.write_text(FAKE_UV.format(calls=self._calls, python=sys.executable, status=status))
        tool.chmod(0o755)

    def asked(self) -> list[str]:
        """What uv was asked since the last time."""
        calls = self._calls.read_text().splitlines() if self._calls.exists() else []
        self._calls.unlink(missing_ok=True)
        return [call for call in calls if not call.startswith("--version")]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
    return made


class TestSetUp:
    def test_makes_the_environment_and_installs_the_lock(self, machine: Machine) -> None:
        python = set_up(venv=machine.venv)

        assert python == machine.venv / "bin" / "python"
        assert machine.asked() == ["venv --quiet", "pip install"]

    def test_asks_for_nothing_the_second_time(self, machine: Machine) -> None:
        set_up(venv=machine.venv)
        machine.asked()

        set_up(venv=machine.venv)

        assert machine.asked() == []

    def test_adds_the_tools_to_an_environment_that_only_runs(self, machine: Machine) -> None:
        set_up(venv=machine.venv)
        machine.asked()

        set_up(dev=True, venv=machine.venv)

        assert machine.asked() == ["pip install"]

    def test_running_needs_nothing_more_where_the_tools_are(self, machine: Machine) -> None:
        set_up(dev=True, venv=machine.venv)
        machine.asked()

        set_up(venv=machine.venv)

        assert machine.asked() == []

    def test_a_broken_environment_is_made_anew(self, machine: Machine) -> None:
        (machine.venv / "bin").mkdir(parents=True)
        (machine.venv / "bin" / "python").symlink_to("/nonexistent/python")

        set_up(venv=machine.venv)

        assert machine.asked() == ["venv --quiet", "pip install"]

    def test_what_was_not_installed_is_tried_again(self, machine: Machine) -> None:
        machine.install_status(1)
        with pytest.raises(SetupError, match="could not be installed"):
            set_up(venv=machine.venv)
        machine.install_status(0)
        machine.asked()

        set_up(venv=machine.venv)

        assert machine.asked() == ["pip install"]
