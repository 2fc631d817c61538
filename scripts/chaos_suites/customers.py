"""Customers of a run: they order under keys, repeat, replay, upload, and write down what they were told."""

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from scripts.chaos_suites.ledger import Ledger
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import (
    CREATED,
    NeverAnswered,
    box_stl,
    is_documented,
    order_of,
    settle,
    sign_up,
    told,
)
from scripts.chaos_suites.verdict import Options, Verdict

Work = Callable[[str, random.Random], Coroutine[Any, Any, None]]

REPLAYED_SHARE = 0.15
PAUSE_SECONDS = 0.02
LARGE_BOXES = 18_000
"""Copies of a box that make an upload of some eleven megabytes, more than one part of the writer."""
CHECKED_REPLAYS = 200


@dataclass
class Customers:
    """Accounts and what they were told; make them before anything is broken."""

    shop: Shop
    options: Options
    verdict: Verdict
    ledger: Ledger = field(default_factory=Ledger)
    uploads: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of every acknowledged file by its id."""
    statuses: Counter[int] = field(default_factory=Counter)
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    _stopped: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def arrive(self, *, ordering: int, uploading: int = 0) -> None:
        """Sign up and begin."""
        for number in range(ordering + uploading):
            client = self.shop.client()
            client.headers.update(await sign_up(client))
            self.clients.append(client)
            work = self._order if number < ordering else self._upload
            self._tasks.append(asyncio.create_task(self._repeat(partial(work, client), number)))

    async def leave(self) -> None:
        """Everybody gets the answer they wait for and stops."""
        self._stopped = True
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Hang up, whatever happened."""
        for task in self._tasks:
            task.cancel()
        for client in self.clients:
            await client.aclose()

    async def _repeat(self, work: Work, number: int) -> None:
        dice = self.options.dice("customer", number)
        count = 0
        while not self._stopped:
            count += 1
            try:
                await work(f"{self.options.seed}-{number}-{count}", dice)
            except NeverAnswered as error:
                self.verdict.fail(str(error))
            await asyncio.sleep(dice.uniform(0, PAUSE_SECONDS))

    async def _order(self, client: httpx.AsyncClient, key: str, dice: random.Random) -> None:
        self.ledger.sent.add(key)
        await self._send(client, key)
        if dice.random() < REPLAYED_SHARE:
            await self._send(client, key)
            self.ledger.replays += 1

    async def _send(self, client: httpx.AsyncClient, key: str) -> None:
        body = json.dumps(order_of(key, random.Random(key))).encode()  # noqa: S311 - the same order for the same key
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        answer = await settle(partial(client.post, "/orders", content=body, headers=headers), self._see)
        if answer.status_code != CREATED:
            self.verdict.fail(told(answer))
        elif not self.ledger.keep(key, answer):
            self.verdict.fail("a replay has other bytes than the first answer")

    async def _upload(self, client: httpx.AsyncClient, name: str, dice: random.Random) -> None:
        copies = LARGE_BOXES if dice.random() < 0.5 else dice.randint(1, 300)  # noqa: PLR2004 - half of them
        content = box_stl(dice.uniform(1, 99), 20, 30, copies=copies)
        files = {"file": (f"{name}.stl", content)}
        answer = await settle(partial(client.post, "/files", files=files), self._see)
        if answer.status_code == CREATED:
            self.uploads[answer.json()["id"]] = hashlib.sha256(content).hexdigest()
        else:
            self.verdict.fail(told(answer))

    def _see(self, answer: httpx.Response) -> None:
        """Count every answer, also those that say to come again; each must be a documented one."""
        self.statuses[answer.status_code] += 1
        if not is_documented(answer):
            self.verdict.fail(f"not as documented: {told(answer)}")

    def tell(self) -> None:
        """What was answered how often."""
        answers = ", ".join(f"{status}: {times}" for status, times in sorted(self.statuses.items()))
        self.verdict.notes.append(f"answers to orders and uploads: {answers}")

    async def check_replays(self) -> None:
        """Some of the keys once more: the same bytes, and no new order."""
        owner = {key: self.clients[int(key.split("-")[1])] for key in self.ledger.told}
        dice = self.options.dice("replays")
        for key in dice.sample(sorted(owner), min(CHECKED_REPLAYS, len(owner))):
            await self._send(owner[key], key)
            self.ledger.replays += 1

    async def check_uploads(self) -> None:
        """Every acknowledged file is there with its bytes."""
        for file_id, sha256 in self.uploads.items():
            answers = [await client.get(f"/files/{file_id}/download") for client in self.clients]
            found = [answer for answer in answers if answer.status_code == httpx.codes.OK]
            if [hashlib.sha256(answer.content).hexdigest() for answer in found] != [sha256]:
                self.verdict.fail("an acknowledged file is not there, or not for its owner alone")
