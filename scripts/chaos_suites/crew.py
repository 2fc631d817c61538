"""The workers of a run, which are killed, stopped, woken and replaced."""

import asyncio
import contextlib
import math
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

from scripts.chaos_suites.processes import python, until
from scripts.chaos_suites.shop import Shop
from scripts.local.services import Prctl

SHORTEST_STOP_SECONDS, LONGEST_STOP_SECONDS = 3.5, 6.0
LATE_SECONDS = 1.0
"""How long a woken worker has for its late writes before it is asked to end."""
END_SECONDS = 20.0


class Crew:
    """Workers forked by one launcher in a session of its own, so that nobody else is stopped with them."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.log = shop.folder / "workers.log"
        self.dice = dice
        self.awake: list[int] = []
        self.stopped: dict[int, float] = {}
        """When to wake them."""
        self.woken: dict[int, float] = {}
        """When to ask them to end."""
        self.strikes: Counter[str] = Counter()
        with self.log.open("ab") as log:
            self._launcher = subprocess.Popen(
                python("-m", "scripts.chaos_suites.job_worker"),
                cwd=shop.folder,
                env=shop.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=Prctl(),  # noqa: PLW1509 - it only makes one system call
            )

    async def open(self, workers: int) -> None:
        """Begin with so many."""
        await asyncio.to_thread(self._hear)
        for _ in range(workers):
            await self.begin()

    async def begin(self) -> None:
        """One more."""
        assert self._launcher.stdin
        self._launcher.stdin.write(b"\n")
        self._launcher.stdin.flush()
        self.awake.append(int(await asyncio.to_thread(self._hear)))

    def kill(self) -> None:
        """SIGKILL to one of those awake."""
        self.strikes["kills"] += 1
        _send(self._anyone(), signal.SIGKILL)

    def stop(self) -> None:
        """SIGSTOP to one of those awake, for longer than its lease."""
        self.strikes["stops"] += 1
        pid = self._anyone()
        _send(pid, signal.SIGSTOP)
        seconds = self.dice.uniform(SHORTEST_STOP_SECONDS, LONGEST_STOP_SECONDS)
        self.stopped[pid] = time.monotonic() + seconds

    async def replace_dead(self) -> int:
        """Begin one for each that died by itself; how many."""
        dead = [pid for pid in self.awake if not _lives(pid)]
        for pid in dead:
            self.awake.remove(pid)
            await self.begin()
        return len(dead)

    def stop_worker(self, pid: int) -> None:
        """SIGSTOP to this one, until :meth:`tend` is told to wake everybody."""
        self.strikes["stops"] += 1
        self.awake.remove(pid)
        _send(pid, signal.SIGSTOP)
        self.stopped[pid] = math.inf

    def tend(self, *, wake_all: bool = False) -> None:
        """Wake whose time has come, and ask those to end who had time for their late writes."""
        moment = time.monotonic()
        for pid in [pid for pid, due in self.stopped.items() if wake_all or due <= moment]:
            del self.stopped[pid]
            _send(pid, signal.SIGCONT)
            self.woken[pid] = moment + LATE_SECONDS
        for pid in [pid for pid, due in self.woken.items() if due <= moment]:
            del self.woken[pid]
            _send(pid, signal.SIGTERM)

    async def close(self) -> None:
        """Ask everybody to end; what does not is killed."""
        everybody = [*self.awake, *self.stopped, *self.woken]
        for pid in everybody:
            _send(pid, signal.SIGCONT)
            _send(pid, signal.SIGTERM)
        await until(lambda: not any(map(_lives, everybody)), END_SECONDS)
        for pid in everybody:
            _send(pid, signal.SIGKILL)
        self._launcher.kill()
        await asyncio.to_thread(self._launcher.communicate)

    def told(self, sentence: str) -> int:
        """How often the workers have logged this."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(f'"event": "{sentence}"')

    def _anyone(self) -> int:
        return self.awake.pop(self.dice.randrange(len(self.awake)))

    def _hear(self) -> bytes:
        assert self._launcher.stdout
        return self._launcher.stdout.readline()


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
