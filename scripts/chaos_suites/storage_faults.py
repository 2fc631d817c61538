"""``storage-faults``: disks that are full, read-only or broken, files that may not be opened, bytes that rot.

One of ``--count`` (3) rounds: the disk of the log is full; those of files and of the database are read-only;
no further file may be opened, no byte written; reading a file fails in the device; bytes are lost, flipped
and orphaned: ``scripts/storage.py check`` and ``scripts/backup.py verify`` must find every one of them.
"""

import asyncio
import os
import resource
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from scripts.chaos_suites.broken_disks import broken, fill, read_only
from scripts.chaos_suites.disk_full import NotPermitted, tiny_disk
from scripts.chaos_suites.ledger import Ledger, compare, place, read_stored
from scripts.chaos_suites.processes import Running, marked, python
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import CREATED, box_stl, is_documented, settle, sign_up, told
from scripts.chaos_suites.verdict import Options, Verdict
from scripts.local.venv import ROOT

ROUNDS = 3
LOG_MEGABYTES, DISK_MEGABYTES = 1, 24
TRIES = 5
OK = 200
AWAY, FULL = 503, 507
OLD_SECONDS = 2 * 3600
"""Older than what the check takes for bytes whose row may still come."""
LEAST_FILES, LEAST_BYTES = 3, 1
"""Limits under which nothing can be opened, and nothing written."""
COPIES = 600


async def run(options: Options) -> Verdict:
    """Every fault in turn until the budget is used up; between them everything must work."""
    verdict = Verdict("storage-faults")
    with ExitStack() as stack:
        disks = {name: options.folder / name for name in ("log", "files", "database", "device")}
        try:
            stack.enter_context(tiny_disk(disks["log"], LOG_MEGABYTES))
            stack.enter_context(tiny_disk(disks["files"], DISK_MEGABYTES))
            stack.enter_context(tiny_disk(disks["database"], DISK_MEGABYTES))
        except NotPermitted as refused:
            verdict.skipped = str(refused)
            return verdict
        async with faulty(options, disks, verdict) as faults:
            budget = options.budget()
            budget.count = options.count or ROUNDS
            while budget.is_left:
                await faults.round(budget.spent)
                budget.spent += 1
            verdict.counts = {"rounds": budget.spent, **faults.seen()}
        compare(faults.ledger, await read_stored(faults.shop.database_url), verdict)
        with closing(sqlite3.connect(disks["database"] / "millwright.db")) as database:
            (sound,) = database.execute("PRAGMA integrity_check").fetchone()
        verdict.expect(sound == "ok", f"the database is damaged: {sound}")
        verdict.expect(not (left := marked(faults.shop.mark)), f"processes are left: {sorted(left.values())}")
        verdict.expect(not faults.shop.half_written(), "pieces of refused uploads are left")
    return verdict


@asynccontextmanager
async def faulty(options: Options, disks: dict[str, Path], verdict: Verdict) -> AsyncIterator["Faults"]:
    """Both services over the disks, the API telling everything to the log on its own."""
    shop = Shop(
        options.folder / "shop",
        MILLWRIGHT_STORAGE__DEMO_FILES="false",
        MILLWRIGHT_SERVER__REQUEST_LOG="true",
        MILLWRIGHT_SERVER__LOG_LEVEL="DEBUG",
    )
    shop.use_storage(disks["files"] / "files")
    shop.use_database(f"sqlite+aiosqlite:///{disks['database'] / 'millwright.db'}")
    shop.start_calculator()
    try:
        shop.api = Running("api", python("-m", "app.main"), shop.environment, disks["log"] / "api.log")
        await shop.wait_ready()
        async with shop.client() as client:
            client.headers.update(await sign_up(client))
            yield Faults(shop, client, disks, options, verdict)
    finally:
        await shop.stop()


class Faults:
    """One customer of a shop in which one thing after the other breaks and is mended."""

    def __init__(
        self,
        shop: Shop,
        client: httpx.AsyncClient,
        disks: dict[str, Path],
        options: Options,
        verdict: Verdict,
    ) -> None:
        self.shop = shop
        self.client = client
        self.disks = disks
        self.options = options
        self.dice = options.dice("faults")
        self.verdict = verdict
        self.ledger = Ledger()
        self.statuses: Counter[str] = Counter()
        self.found: Counter[str] = Counter()

    def seen(self) -> dict[str, int | str]:
        """What was answered and found."""
        self.verdict.notes.append(
            "; ".join(f"{what}: {times}" for what, times in sorted(self.statuses.items()))
        )
        return {
            "refused": sum(n for what, n in self.statuses.items() if what.endswith((" 503", " 507"))),
            **self.found,
        }

    async def round(self, number: int) -> None:
        """Everything once."""
        await self.full_log(f"log {number}")
        await self.read_only_files()
        await self.read_only_database(f"read-only {number}")
        await self.no_more_files(f"starved {number}")
        await self.no_more_bytes(f"limited {number}")
        await self.broken_device()
        await self.rotten()
        await self.rotten_backup(number)

    async def full_log(self, name: str) -> None:
        """The log cannot be written: nobody notices."""
        ballast = self.disks["log"] / "ballast"
        fill(ballast)
        for number in range(TRIES):
            await self._seen("log full, order", {CREATED}, self._order(f"{name} {number}"))
            await self._seen("log full, read", {OK}, self.client.get("/orders"))
            await self._gone(await self._upload("log full, upload", {CREATED}))
        ballast.unlink()
        log = self.disks["log"] / "api.log"
        os.truncate(log, 0)
        await self._seen("log full, read", {OK}, self.client.get("/orders"))
        self.verdict.expect(log.stat().st_size > 0, "nothing is logged after room was made")

    async def read_only_files(self) -> None:
        """The disk of files is read-only."""
        kept = await self._upload("files read-only, upload", {CREATED})
        with read_only(self.disks["files"]):
            for _ in range(TRIES):
                await self._upload("files read-only, upload", {AWAY})
            await self._seen("files read-only, read", {OK}, self._download(kept))
        await self._gone(kept)
        await self._gone(await self._upload("files read-only, upload", {CREATED}))

    async def read_only_database(self, name: str) -> None:
        """The disk of the database is read-only for every connection that is opened now."""
        with read_only(self.disks["database"]):
            for number in range(TRIES):
                await self._seen(
                    "database read-only, order", {CREATED, AWAY}, self._order(f"{name} {number}")
                )
            await self._seen("database read-only, read", {OK, AWAY}, self.client.get("/orders"))
        answer = await settle(lambda: self._order(f"{name} 0"))
        self.verdict.expect(answer.status_code == CREATED, f"no order afterwards: {told(answer)}")

    async def no_more_files(self, name: str) -> None:
        """The API may open no further file."""
        with self._limited(resource.RLIMIT_NOFILE, LEAST_FILES):
            await self._starve("no file to open", name)
        await self._works(name)

    async def no_more_bytes(self, name: str) -> None:
        """Whatever the API writes fails in the system call, in the database as in the storage."""
        with self._limited(resource.RLIMIT_FSIZE, LEAST_BYTES):
            await self._starve("no byte to write", name)
        await self._works(name)

    @contextmanager
    def _limited(self, what: int, most: int) -> Iterator[None]:
        assert self.shop.api
        before = resource.prlimit(self.shop.api.pid, what)
        resource.prlimit(self.shop.api.pid, what, (most, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self.shop.api.pid, what, before)

    async def _starve(self, what: str, name: str) -> None:
        for number in range(TRIES):
            await self._starved(f"{what}, upload", self._upload_any())
            await self._starved(f"{what}, order", self._order(f"{name} {number}"))
            await self._starved(f"{what}, read", self.client.get("/orders"))

    async def _works(self, name: str) -> None:
        assert self.shop.api
        self.verdict.expect(self.shop.api.is_alive, "the API ended")
        answer = await settle(lambda: self._order(f"{name} 0"))
        self.verdict.expect(answer.status_code == CREATED, f"no order afterwards: {told(answer)}")
        await self._gone(await self._upload("afterwards, upload", {CREATED}))

    async def broken_device(self) -> None:
        """Reading the bytes of a file fails in the device below."""
        file = await self._upload("device, upload", {CREATED})
        path = self._path_of(file)
        content = path.read_bytes()
        with broken(self.disks["device"], path, content, self.found):
            for _ in range(TRIES):
                await self._damaged("device", file, content)
        await self._seen("device, read", {OK}, self._download(file))
        await self._gone(file)

    async def rotten(self) -> None:
        """Bytes are flipped, lost and orphaned, and found by the check; those flipped are not given out."""
        flipped, lost = [await self._upload("rotten, upload", {CREATED}) for _ in range(2)]
        await self._check(set())
        one, two = self._path_of(flipped), self._path_of(lost)
        content, other = one.read_bytes(), two.read_bytes()
        place = self.dice.randrange(len(content))
        one.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        two.unlink()
        orphan = self.shop.storage / "files" / "00000000-0000-7000-8000-0000000000ff"
        orphan.write_bytes(b"nobody's")
        past = time.time() - OLD_SECONDS
        os.utime(orphan, (past, past))
        await self._damaged("flipped", flipped, content)
        await self._damaged("lost", lost, other)
        keys = {"DAMAGED": one, "LOST": two, "ORPHANED": orphan}
        await self._check({f"{word}: {self.shop.key_of(path)}" for word, path in keys.items()})
        one.write_bytes(content)
        two.write_bytes(other)
        orphan.unlink()
        await self._check(set())
        await self._gone(flipped)
        await self._gone(lost)

    async def rotten_backup(self, number: int) -> None:
        """A byte of a backup is flipped."""
        folder = self.options.folder / f"backups-{number}"
        folder.mkdir()
        made, said = await self._command("scripts/backup.py", "create", str(folder))
        self.verdict.expect(made == 0, f"no backup: {said[-200:]}")
        (archive,) = folder.glob("*.tar.gz")
        whole, _ = await self._command("scripts/backup.py", "verify", str(archive))
        self.verdict.expect(whole == 0, "a whole backup is said to be damaged")
        content = bytearray(archive.read_bytes())
        content[self.dice.randrange(len(content) // 4, len(content) * 3 // 4)] ^= 0xFF
        archive.write_bytes(content)
        status, _ = await self._command("scripts/backup.py", "verify", str(archive))
        self.found["flipped backups found"] += status != 0
        self.verdict.expect(status != 0, "a damaged backup is said to be whole")

    async def _check(self, expected: set[str]) -> None:
        """What the check says must be this, to the word."""
        status, said = await self._command("scripts/storage.py", "check")
        found = {line for line in said.splitlines() if line.startswith(("LOST", "DAMAGED", "ORPHANED"))}
        self.found["faults found by the check"] += len(found)
        self.verdict.expect(
            found == expected and status == bool(expected), f"the check says {found} instead of {expected}"
        )

    async def _command(self, *command: str) -> tuple[int, str]:
        running = await asyncio.create_subprocess_exec(
            *python(*command),
            cwd=ROOT,
            env=self.shop.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await running.communicate()
        assert running.returncode is not None
        return running.returncode, said.decode()

    async def _damaged(self, what: str, file: str, content: bytes) -> None:
        """A download must break off or be refused; and the API goes on."""
        try:
            answer = await self._download(file)
        except httpx.TransportError:
            self.statuses[f"{what}, broken off"] += 1
            return
        self.statuses[f"{what}, download {answer.status_code}"] += 1
        is_served = answer.status_code == OK and answer.content != content
        self.verdict.expect(not is_served, f"{what}: wrong bytes were given out")
        self.verdict.expect(answer.status_code in {OK, 404, AWAY}, f"{what}: {told(answer)}")

    async def _starved(self, what: str, sending: Coroutine[Any, Any, httpx.Response]) -> None:
        try:
            answer = await sending
        except httpx.TransportError:
            self.statuses[f"{what}, no connection"] += 1
            return
        self.statuses[f"{what} {answer.status_code}"] += 1
        is_right = answer.status_code in {OK, CREATED, AWAY, FULL} and is_documented(answer)
        self.verdict.expect(is_right, f"{what}: {told(answer)}")

    async def _upload_any(self) -> httpx.Response:
        content = box_stl(self.dice.uniform(1, 99), 20, 30, copies=COPIES)
        return await self.client.post("/files", files={"file": ("box.stl", content)})

    async def _upload(self, what: str, allowed: set[int]) -> str:
        answer = await self._seen(what, allowed, self._upload_any())
        return str(answer.json().get("id", ""))

    def _path_of(self, file: str) -> Path:
        """Where the bytes of a file are: those that nobody had before."""
        path = Path(self.disks["database"] / "millwright.db")
        with closing(sqlite3.connect(path)) as database:
            found = database.execute(
                "SELECT storage_key FROM contents NATURAL JOIN (SELECT sha256 FROM files WHERE id = ?)",
                (file.replace("-", ""),),
            ).fetchone()
        return self.shop.storage / str(found[0])

    async def _download(self, file: str) -> httpx.Response:
        return await self.client.get(f"/files/{file}/download")

    async def _gone(self, file: str) -> None:
        await self._seen("delete", {204}, self.client.delete(f"/files/{file}"))

    async def _order(self, key: str) -> httpx.Response:
        return await place(self.client, self.ledger, key)

    async def _seen(
        self, what: str, allowed: set[int], sending: Coroutine[Any, Any, httpx.Response]
    ) -> httpx.Response:
        answer = await sending
        self.statuses[f"{what} {answer.status_code}"] += 1
        if answer.status_code not in allowed or not is_documented(answer):
            self.verdict.fail(f"{what}: {told(answer)}")
        return answer
