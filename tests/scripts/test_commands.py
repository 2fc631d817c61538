import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AS_IF_OLD = """
import runpy, sys
sys.version_info = (3, 10, 4)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )


class TestRun:
    @pytest.mark.parametrize("command", ["run.py", "run_all_tests.py", "quick_test.py", "set_up.py"])
    def test_an_old_python_is_refused_in_one_sentence(self, command: str) -> None:
        done = run("-c", AS_IF_OLD, f"scripts/{command}")

        assert done.returncode == 1
        assert done.stderr.strip() == "Millwright needs Python 3.11 or newer; this is 3.10."

    def test_a_port_that_is_none_is_a_wrong_command_line(self) -> None:
        done = run("scripts/run.py", "--port", "0")

        assert done.returncode == 2
        assert "'0' is no port" in done.stderr


class TestRunAllTests:
    def test_runs_one_suite_and_ends_on_the_runners_closing_line(self) -> None:
        done = run("scripts/run_all_tests.py", "--suite", "scripts", "-n", "0", "-k", "test_loopback", "-q")

        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 passed" in done.stdout.rstrip().splitlines()[-1]

    def test_a_suite_that_is_not_there_is_a_wrong_command_line(self) -> None:
        done = run("scripts/run_all_tests.py", "--suite", "nothing")

        assert done.returncode == 2
        assert "invalid choice" in done.stderr

    def test_says_that_parts_from_outside_are_skipped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("MILLWRIGHT_CORPUS", raising=False)

        done = run(
            "scripts/run_all_tests.py", "-n", "0", "--collect-only", "-q", "tests/scripts/test_demo.py"
        )

        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("MILLWRIGHT_CORPUS names no folder")
