"""One API after another on the same port, each killed at a named point or at a random moment."""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

from scripts.chaos_suites.failpoints import POINTS
from scripts.chaos_suites.processes import python, until
from scripts.chaos_suites.shop import Shop
from scripts.local.services import Prctl

SHARE_OF_POINTS = 0.6
"""How many lives are to end at a named point; the others end at a random moment."""
LONGEST_LIFE_SECONDS = 1.0
POINT_PATIENCE_SECONDS = 3.0
BURIAL_SECONDS = 10.0
MOST_OCCASIONS = {"in-upload": 120}
DEFAULT_OCCASIONS = 12
RANDOM = "random"


class NotBuried(Exception):
    """A killed API is still there."""


class Lives:
    """Starts, kills and counts APIs; use :meth:`open` and :meth:`close`."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.shop = shop
        self.dice = dice
        self.ends: Counter[str] = Counter()
        self.ready_seconds: list[float] = []
        self._launcher: subprocess.Popen[bytes] | None = None
        self._pid = 0

    async def open(self) -> None:
        """Get ready to start APIs."""
        self._launcher = self._launch()
        await asyncio.to_thread(self._hear)

    async def one(self) -> None:
        """The next API, until it dies by its own hand at a named point or is killed at a random moment."""
        point = self.dice.choice(list(POINTS)) if self.dice.random() < SHARE_OF_POINTS else RANDOM
        if point == RANDOM:
            await self._begin({})
            await asyncio.sleep(self.dice.uniform(0.0, LONGEST_LIFE_SECONDS))
            died_itself = False
        else:
            most = MOST_OCCASIONS.get(point, DEFAULT_OCCASIONS)
            await self._begin({"point": point, "after": self.dice.randint(1, most)})
            died_itself = await self._dies_itself()
        await self.kill()
        self.ends[point if died_itself else RANDOM] += 1

    async def last(self) -> None:
        """One that is not killed until the end."""
        await self._begin({})

    async def close(self) -> None:
        """End the last API and the launcher."""
        if self._launcher is None:
            return
        if self._pid:
            await self.kill()
        self._launcher.kill()
        await asyncio.to_thread(self._launcher.communicate)

    async def _begin(self, order: dict[str, object]) -> None:
        assert self._launcher
        assert self._launcher.stdin
        started = time.monotonic()
        self._launcher.stdin.write(json.dumps(order).encode() + b"\n")
        self._launcher.stdin.flush()
        self._pid = int(self._hear())
        if not order:
            await self.shop.wait_ready()
            self.ready_seconds.append(time.monotonic() - started)

    def _launch(self) -> "subprocess.Popen[bytes]":
        with (self.shop.folder / "api.log").open("ab") as log:
            return subprocess.Popen(
                python("-m", "scripts.chaos_suites.launcher"),
                cwd=self.shop.folder,
                env=self.shop.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=Prctl(),  # noqa: PLW1509 - it only makes one system call
            )

    def _hear(self) -> bytes:
        assert self._launcher
        assert self._launcher.stdout
        return self._launcher.stdout.readline()

    async def _dies_itself(self) -> bool:
        return await until(lambda: not self._is_alive, POINT_PATIENCE_SECONDS)

    async def kill(self) -> None:
        """SIGKILL to the present one, and wait until it is buried."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        if not await until(lambda: not self._is_alive, BURIAL_SECONDS):
            raise NotBuried(self._pid)

    @property
    def _is_alive(self) -> bool:
        return Path(f"/proc/{self._pid}").exists()
