"""CPU time and memory of processes and of everything that came from them (Linux, ``/proc``)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
PARENT, CPU_FIELDS = 1, slice(11, 15)
"""In ``/proc/<pid>/stat`` after the name: parent; utime, stime and those of children that have ended."""
RESET_PEAK = "5"
KIBIBYTE = 1024


def tree(pid: int) -> list[int]:
    """The process and all that live of those that came from it."""
    parents = {int(entry.name): _parent(entry) for entry in PROC.iterdir() if entry.name.isdecimal()}
    found = [pid]
    for known in found:
        found.extend(child for child, parent in parents.items() if parent == known)
    return found


def cpu_seconds(*pids: int) -> float:
    """CPU time of these processes and everything that came from them, also what has ended."""
    alive = {one for pid in pids for one in tree(pid)}
    return sum(_ticks(pid) for pid in alive) * TICK_SECONDS


@dataclass(frozen=True)
class Memory:
    """Bytes of a process tree: resident (shared pages counted in each) and proportional."""

    resident_bytes: int
    proportional_bytes: int


def memory_of(pid: int) -> Memory:
    """What the process and its living children hold now."""
    rollups = [dict(_fields(PROC / str(one) / "smaps_rollup")) for one in tree(pid)]
    return Memory(
        sum(rollup.get("Rss", 0) for rollup in rollups), sum(rollup.get("Pss", 0) for rollup in rollups)
    )


def reset_peak(pid: int) -> int:
    """Forget the highest resident size so far; the bytes resident now."""
    (PROC / str(pid) / "clear_refs").write_text(RESET_PEAK, encoding="ascii")
    return dict(_fields(PROC / str(pid) / "status"))["VmRSS"]


def peak_bytes(pid: int) -> int:
    """The highest resident size since `reset_peak`."""
    return dict(_fields(PROC / str(pid) / "status"))["VmHWM"]


def megabytes(amount: float) -> str:
    """Bytes for people."""
    return f"{amount / 1e6:.0f} MB"


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:  # it ended while we looked
        return []


def _parent(entry: Path) -> int:
    fields = _stat(entry)
    return int(fields[PARENT]) if fields else 0


def _ticks(pid: int) -> int:
    return sum(map(int, _stat(PROC / str(pid))[CPU_FIELDS]))


def _fields(path: Path) -> Iterator[tuple[str, int]]:
    """``Name:  123 kB`` lines in bytes; nothing when the process has ended."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        name, _, value = line.partition(":")
        words = value.split()
        if words[1:] == ["kB"]:
            yield name, int(words[0]) * KIBIBYTE


def own_pid() -> int:
    """The id of this process."""
    return os.getpid()
