"""``disk-full``: the disks of the files and of the database fill up, and have room again."""

import asyncio
import os
import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from scripts.chaos_suites.ledger import Ledger, compare, place, read_stored
from scripts.chaos_suites.parts import demo_parts, renewed
from scripts.chaos_suites.processes import marked, until
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import box_stl, is_documented, settle, sign_up, told
from scripts.chaos_suites.verdict import Options, Verdict

Sending = Coroutine[Any, Any, httpx.Response]

FILES_MEGABYTES, DATABASE_MEGABYTES = 8, 24
FULL, CREATED, OK, DELETED = 507, 201, 200, 204
MOST_UPLOADS, AT_ONCE, MOST_ORDERS = 80, 4, 400
LARGEST_COPIES = 2000
"""Copies of a box that make an upload of 1.2 megabytes."""
LARGER_THAN_THE_DISK = 18_000
JOBS_SECONDS = 20.0
SPARED_BYTES = 48 * 1024
MEASURED = {200, 202, 422, 502, 503, 504, 507}
PIECE_BYTES = 64 * 1024


class NotPermitted(Exception):
    """No file system can be mounted here."""


async def run(options: Options) -> Verdict:
    """Fill and free both disks until the budget is used up."""
    verdict = Verdict("disk-full")
    with ExitStack() as stack:
        files, database = options.folder / "disk-of-files", options.folder / "disk-of-database"
        try:
            stack.enter_context(tiny_disk(files, FILES_MEGABYTES))
            stack.enter_context(tiny_disk(database, DATABASE_MEGABYTES))
        except NotPermitted as refused:
            verdict.skipped = str(refused)
            return verdict
        shop = Shop(options.folder / "shop", MILLWRIGHT_STORAGE__DEMO_FILES="false")
        shop.use_storage(files / "files")
        shop.use_temporary(database / "tmp")
        shop.use_database(f"sqlite+aiosqlite:///{database / 'millwright.db'}")
        await _fill_and_check(shop, database, options, verdict)
        verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
        verdict.expect(not (pieces := shop.temporary_files()), f"temporary files are left: {pieces}")
    return verdict


async def _fill_and_check(shop: Shop, disk: Path, options: Options, verdict: Verdict) -> None:
    async with shop, shop.client() as client:
        client.headers.update(await sign_up(client))
        rounds = Rounds(shop, client, disk / "ballast", options.dice("disk"), verdict)
        budget = options.budget()
        while budget.is_left:
            await rounds.full_storage()
            await rounds.full_database(f"{options.seed}-{budget.spent}")
            budget.spent += 1
    with closing(sqlite3.connect(disk / "millwright.db")) as database:
        (sound,) = database.execute("PRAGMA integrity_check").fetchone()
    verdict.expect(sound == "ok", f"the database is damaged: {sound}")
    verdict.counts |= {
        "rounds": budget.spent,
        "uploads refused": rounds.statuses["upload 507"],
        "orders refused": rounds.statuses["order 507"],
    }
    verdict.expect(rounds.statuses["upload 507"] > 0, "the disk of files was never full")
    verdict.expect(rounds.statuses["order 507"] > 0, "the disk of the database was never full")
    compare(rounds.ledger, await read_stored(shop.database_url), verdict)
    answers = ", ".join(f"{what}: {times}" for what, times in sorted(rounds.statuses.items()))
    verdict.notes.append(f"answers: {answers}")


class Rounds:
    """One customer on two tiny disks."""

    def __init__(
        self, shop: Shop, client: httpx.AsyncClient, ballast: Path, dice: random.Random, verdict: Verdict
    ) -> None:
        self.shop = shop
        self.client = client
        self.ballast = ballast
        self.dice = dice
        self.verdict = verdict
        self.ledger = Ledger()
        self.statuses: Counter[str] = Counter()

    async def full_storage(self) -> None:
        """Upload until there is no room, look what is left of the refused, make room, upload again."""
        kept: list[str] = []
        refused = 0
        for _ in range(MOST_UPLOADS):
            answers = await asyncio.gather(*(self._upload(LARGEST_COPIES) for _ in range(AT_ONCE)))
            kept += [answer.json()["id"] for answer in answers if answer.status_code == CREATED]
            refused += sum(answer.status_code == FULL for answer in answers)
            if refused:
                break
        await self._upload(LARGER_THAN_THE_DISK)
        await self._check_storage(len(kept))
        await self._seen(
            "order on a full storage", {CREATED}, self._order(f"full-{self.dice.getrandbits(64):x}")
        )
        for file_id in kept:
            await self._seen("delete", {DELETED}, self.client.delete(f"/files/{file_id}"))
        await self._check_storage(0)
        again = await self._upload(2)
        self.verdict.expect(again.status_code == CREATED, f"no upload after room was made: {told(again)}")
        if again.status_code == CREATED:
            await self._seen("delete", {DELETED}, self.client.delete(f"/files/{again.json()['id']}"))
            await self._check_storage(0)

    async def full_database(self, name: str) -> None:
        """Order until there is no room; read, sign in and measure meanwhile; make room, order again."""
        part = await self._upload_part()
        self._fill()
        refused = ""
        for number in range(MOST_ORDERS):
            key = f"{name}-{number}"
            answer = await self._seen("order", {CREATED, FULL}, self._order(key))
            if answer.status_code == FULL:
                refused = key
                break
        await self._seen("read", {OK}, self.client.get("/orders"))
        await self._seen("analysis on a full disk", MEASURED, self.client.get(f"/files/{part}/analysis"))
        self.ballast.unlink()
        if refused:
            answer = await settle(partial(self._order, refused))
            self.verdict.expect(
                answer.status_code == CREATED, f"no order after room was made: {told(answer)}"
            )
        answer = await settle(partial(self.client.get, f"/files/{part}/analysis"))
        self.verdict.expect(answer.status_code == OK, f"no analysis after room was made: {told(answer)}")
        await self._seen("delete", {DELETED}, self.client.delete(f"/files/{part}"))
        await self.shop.wait_ready()

    async def _upload(self, most_copies: int) -> httpx.Response:
        copies = self.dice.randint(most_copies // 2, most_copies)
        files = {"file": ("box.stl", box_stl(self.dice.uniform(1, 99), 20, 30, copies=copies))}
        return await self._seen("upload", {CREATED, FULL}, self.client.post("/files", files=files))

    async def _upload_part(self) -> str:
        content = renewed(demo_parts()["bracket.step"], self.dice)
        files = {"file": ("bracket.step", content)}
        answer = await self._seen("upload", {CREATED}, self.client.post("/files", files=files))
        return str(answer.json()["id"])

    async def _order(self, key: str) -> httpx.Response:
        return await place(self.client, self.ledger, key)

    async def _seen(self, what: str, allowed: set[int], sending: Sending) -> httpx.Response:
        answer = await sending
        self.statuses[f"{what} {answer.status_code}"] += 1
        if answer.status_code not in allowed or not is_documented(answer):
            self.verdict.fail(f"{what}: {told(answer)}")
        return answer

    async def _check_storage(self, files: int) -> None:
        """The bytes of deleted files go by a job; those of refused ones have never been there."""
        await until(lambda: len(self.shop.contents()) == files, JOBS_SECONDS)
        stored, pieces = self.shop.contents(), self.shop.half_written()
        self.verdict.expect(len(stored) == files, f"{len(stored)} files are stored instead of {files}")
        self.verdict.expect(not pieces, f"{len(pieces)} pieces of refused uploads are left")

    def _fill(self) -> None:
        """Write until the disk is full, then give a little back."""
        with self.ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(PIECE_BYTES)):
                    pass
            except OSError:
                file.truncate(max(0, file.tell() - self.dice.randrange(SPARED_BYTES)))


@contextmanager
def tiny_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system in memory of this size; raises ``NotPermitted`` with the reason."""
    folder.mkdir()
    if os.geteuid() != 0:
        raise NotPermitted("mounting a tiny file system needs root")
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPermitted(f"a tiny file system cannot be mounted ({done.stderr.strip()})")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
