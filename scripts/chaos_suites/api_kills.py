"""``api-kills``: the API dies again and again under customers who repeat every order under its key."""

import os
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

from scripts.chaos_suites.customers import Customers
from scripts.chaos_suites.ledger import compare, read_stored
from scripts.chaos_suites.lives import Lives
from scripts.chaos_suites.postgres import postgres
from scripts.chaos_suites.processes import marked, until
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.verdict import Options, Verdict

ORDERING, UPLOADING = 5, 1
LEFTOVER_SECONDS = 2 * 3600
"""Older than what the API takes for an upload that may still go on."""
TIDYING_SECONDS = 20.0
FILES = "files/"


async def run(options: Options) -> Verdict:
    """Kill until the budget is used up, then compare what was told with what is stored."""
    verdict = Verdict("api-kills")
    async with AsyncExitStack() as stack:
        shop = Shop(options.folder / "shop")
        if options.postgres:
            server = await stack.enter_async_context(postgres(options.folder / "postgres", shop.mark))
            shop.use_database(server.url)
        stack.push_async_callback(shop.stop)
        await _kill_and_check(shop, options, verdict)
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


async def _kill_and_check(shop: Shop, options: Options, verdict: Verdict) -> None:
    shop.start_calculator()
    await shop.wait_calculator()
    lives = Lives(shop, options.dice("lives"))
    customers = Customers(shop, options, verdict)
    try:
        await lives.open()
        await lives.last()
        await customers.arrive(ordering=ORDERING, uploading=UPLOADING)
        await lives.kill()
        budget = options.budget()
        while budget.is_left:
            await lives.one()
            budget.spent += 1
        await lives.last()
        await customers.leave()
        await customers.check_replays()
        await customers.check_uploads()
    finally:
        await customers.close()
        await lives.close()
    _tell_lives(lives, verdict)
    customers.tell()
    await _check_storage(shop, verdict)
    compare(customers.ledger, await read_stored(shop.database_url), verdict)


def _tell_lives(lives: Lives, verdict: Verdict) -> None:
    points = " ".join(f"{point} {times}" for point, times in sorted(lives.ends.items()))
    verdict.counts["kills"] = lives.ends.total()
    verdict.notes.append(f"kills by moment: {points}")
    if lives.ready_seconds:
        median, most = statistics.median(lives.ready_seconds), max(lives.ready_seconds)
        verdict.notes.append(f"API ready again after {median:.2f} s in the median, {most:.2f} s at most")


async def _check_storage(shop: Shop, verdict: Verdict) -> None:
    """Kills leave pieces of uploads, and files whose row never came.

    A start long enough afterwards removes them and nothing else (without a single row it trusts no database).
    """
    pieces, owned = shop.half_written(), (await read_stored(shop.database_url)).files
    is_trusted = any(key.startswith(FILES) for key in owned)
    orphans = [path for path in shop.contents() if shop.key_of(path) not in owned and is_trusted]
    verdict.notes.append(
        f"left by kills: {len(pieces)} pieces of uploads, {len(orphans)} files without a row"
    )
    _age(shop.stored() + pieces)
    shop.start_api()
    await shop.wait_ready()
    await until(lambda: not any(path.exists() for path in pieces + orphans), TIDYING_SECONDS)
    await shop.stop()
    left = [path for path in pieces + orphans if path.exists()]
    verdict.counts["files left behind"] = len(left)
    verdict.expect(not left, "what kills left in the storage is still there after a later start")
    lost = owned - {shop.key_of(path) for path in shop.stored()}
    verdict.expect(not lost, "a file that has a row lost its bytes")
    verdict.expect(not shop.temporary_files(), "temporary files are left")


def _age(paths: list[Path]) -> None:
    past = time.time() - LEFTOVER_SECONDS
    for path in paths:
        os.utime(path, (past, past))
