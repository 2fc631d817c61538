"""What the figures were measured on. Linux; standard library only."""

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scripts.bench_suites.measure import Clock

QUIET_LOAD = 0.4
"""Load average up to which wall time can be believed on a machine with few cores."""
CPU_INFO = Path("/proc/cpuinfo")


def load_average() -> float:
    """How many processes wanted to run during the last minute."""
    return os.getloadavg()[0]


def clock_for(load: float) -> Clock:
    """Wall time on a quiet machine, CPU time on a busy one."""
    return "wall" if load <= QUIET_LOAD else "cpu"


def described(load: float, packages: Iterable[str] = ()) -> list[str]:
    """The machine in a few lines; ``load`` is the load average before anything was measured."""
    cores = len(os.sched_getaffinity(0))
    return [
        f"{cores} cores, {cpu_model()}, {platform.system()} {platform.release()}",
        ", ".join([f"Python {platform.python_version()}", *map(_with_version, packages)]),
        f"Load average before the run: {load:.2f}",
        f"Measured on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    ]


def cpu_model(info: Path = CPU_INFO) -> str:
    """The name the processor gives itself."""
    try:
        lines = info.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _with_version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} (not installed)"
