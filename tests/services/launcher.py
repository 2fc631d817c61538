"""``scripts/run.py`` as a user starts it: a process of its own on free ports."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

import httpx

ROOT = Path(__file__).parents[2]
READY_LINE = "Press Ctrl-C to stop."
STOP_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(data_dir: Path, port: int, calculator_port: int, *options: str) -> list[str]:
    places = ["--port", str(port), "--calculator-port", str(calculator_port), "--data-dir", str(data_dir)]
    return [sys.executable, str(ROOT / "scripts" / "run.py"), *places, *options]


def run_to_the_end(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        arguments, env=plain_environment(), capture_output=True, text=True, check=False, timeout=100
    )


def plain_environment() -> dict[str, str]:
    """Without settings of the machine the tests run on."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MILLWRIGHT_")}


def apart_from_dotenv(data_dir: Path) -> dict[str, str]:
    """Keeps a developer's own data out of the tests; without an ``.env`` the defaults are what is tested."""
    if not (ROOT / ".env").exists():
        return {}
    return {
        "MILLWRIGHT_DATABASE__URL": f"sqlite+aiosqlite:///{data_dir}/millwright.db",
        "MILLWRIGHT_STORAGE__URL": f"{data_dir}/files",
        "MILLWRIGHT_SERVER__BASE_PATH": "",
        "MILLWRIGHT_SERVER__HOST": "127.0.0.1",
    }


class Launcher:
    """Both services, started and stopped through the command."""

    def __init__(self, data_dir: Path, *options: str, ports: tuple[int, int] | None = None) -> None:
        self.data_dir = data_dir
        self.ports = ports or (free_port(), free_port())
        self.port = self.ports[0]
        self.said: list[str] = []
        self.process = subprocess.Popen(
            command(data_dir, *self.ports, *options),
            env=plain_environment() | apart_from_dotenv(data_dir),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        try:
            self._read_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        assert self.process.stdout
        self.process.stdout.close()

    def _read_until_ready(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if line.startswith(READY_LINE):
                return
        raise AssertionError("\n".join(self.said))

    @property
    def output(self) -> str:
        return "\n".join(self.said)

    def client(self) -> httpx.Client:
        address = f"http://127.0.0.1:{self.port}/api/v1"
        return httpx.Client(base_url=address, trust_env=False, timeout=60)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=STOP_SECONDS)
        self.said.extend(rest.splitlines())
        return self.process.returncode


def descendants(pid: int) -> set[int]:
    """All processes that came from this one (Linux)."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:  # it ended while we looked
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}
