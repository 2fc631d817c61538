"""``neighbours``: the calculator hangs, lies, talks nonsense and comes and goes; the shop goes on.

A quarter of ``--count`` (200) each: requests while it is away in four ways; wrong answers of some kinds;
bodies that are no price; and orders while every second answer fails. Nothing may be stored of what was not
priced, and in the end every order is there once.
"""

import asyncio
import json
import resource
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from scripts.chaos_suites.garbage import garbage, huge
from scripts.chaos_suites.ledger import Ledger, compare, place, read_stored
from scripts.chaos_suites.neighbour import (
    Asked,
    Behaviour,
    Neighbour,
    cut,
    drip,
    hang,
    hang_up,
    pass_on,
    saying,
)
from scripts.chaos_suites.processes import free_port, marked
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import (
    CREATED,
    NeverAnswered,
    is_documented,
    settle,
    sign_up,
    told,
)
from scripts.chaos_suites.verdict import Options, Verdict

COUNT = 200
AT_ONCE = 10
LONGEST_SECONDS = 35.0
"""After which a customer must have been told that there is no price now."""
AWAY = {503, 504}
MOST_GROWTH_BYTES = 20_000_000
PROBES = ("/orders", "/files")
ENOUGH_PROBES = 50
USUAL_SECONDS = 5.0
"""How long the other routes are watched before anything is wrong."""
SLOWER, SLOWER_SECONDS = 2.0, 0.1
"""The other routes may take at most twice as long and this much more."""
FAILING_SHARE = 0.5
WELL_SHARE = 0.99
UNRESOLVED = "http://calculator.invalid:7000"


@dataclass
class Scene:
    """A shop whose calculator is reached through a neighbour, and one customer."""

    shop: Shop
    neighbour: Neighbour
    client: httpx.AsyncClient
    verdict: Verdict
    options: Options
    count: int
    ledger: Ledger = field(default_factory=Ledger)
    answers: Counter[str] = field(default_factory=Counter)

    async def order(self, key: str) -> httpx.Response:
        """Order under this key."""
        return await place(self.client, self.ledger, key)

    async def expect(self, what: str, key: str, allowed: set[int]) -> httpx.Response:
        """Order, and fail when the answer is none of these or comes too late."""
        began = time.monotonic()
        answer = await self.order(key)
        seconds = time.monotonic() - began
        self.answers[f"{what} {answer.status_code}"] += 1
        self.verdict.expect(
            answer.status_code in allowed and is_documented(answer), f"{what}: {told(answer)}"
        )
        self.verdict.expect(seconds <= LONGEST_SECONDS, f"{what}: no answer within {LONGEST_SECONDS:.0f} s")
        return answer

    async def recover(self, key: str) -> None:
        """Let the calculator be well, and see an order through."""
        self.neighbour.behaviour = pass_on
        answer = await settle(lambda: self.order(key))
        self.verdict.expect(answer.status_code == CREATED, f"no order afterwards: {told(answer)}")


Part = Callable[[Scene], Awaitable[None]]


async def run(options: Options, parts: Sequence[Part] | None = None, **settings: str) -> Verdict:
    """All parts, or those that are asked for."""
    verdict = Verdict("neighbours")
    async with scene(options, verdict, **settings) as shown:
        for part in parts or (away, unresolved, wrong, nonsense, flapping):
            await part(shown)
        compare(shown.ledger, await read_stored(shown.shop.database_url), verdict)
    verdict.counts = {"requests": shown.answers.total(), **verdict.counts}
    verdict.notes.append("; ".join(f"{what}: {times}" for what, times in sorted(shown.answers.items())))
    verdict.expect(not (left := marked(shown.shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


@asynccontextmanager
async def scene(options: Options, verdict: Verdict, **settings: str) -> AsyncIterator[Scene]:
    """Both services with the neighbour between them, one customer, and one order that went well."""
    quiet = {"MILLWRIGHT_STORAGE__DEMO_FILES": "false"}
    shop = Shop(options.folder / "shop", **quiet, **settings)
    neighbour = Neighbour(free_port(), shop.calculator_port)
    shop.environment["MILLWRIGHT_CALCULATOR__URL"] = f"http://127.0.0.1:{neighbour.port}"
    await neighbour.open()
    try:
        async with shop, shop.client() as client:
            client.headers.update(await sign_up(client))
            count = max(1, (options.count or COUNT) // 4)
            shown = Scene(shop, neighbour, client, verdict, options, count)
            await shown.recover("first")
            yield shown
    finally:
        await neighbour.close()


async def away(shown: Scene) -> None:
    """Down, hanging, dripping, hanging up; others are served as before."""
    before = await _probed(shown, asyncio.sleep(USUAL_SECONDS))
    ways: dict[str, Behaviour | None] = {"down": None, "hangs": hang, "drips": drip, "hangs up": hang_up}
    for name, behaviour in ways.items():
        if behaviour is None:
            await shown.neighbour.close()
        else:
            shown.neighbour.behaviour = behaviour
        asked = shown.neighbour.asked
        during = await _probed(shown, _ordered(shown, name, AWAY | ({502} if name == "hangs up" else set())))
        asked = shown.neighbour.asked - asked
        _judge(shown, name, before, during)
        is_spared = asked < shown.count or shown.count < AT_ONCE
        shown.verdict.expect(is_spared, f"{name}: the calculator was asked every time")
        shown.verdict.notes.append(f"{name}: {shown.count} orders reached the calculator {asked} times")
        if behaviour is None:
            await shown.neighbour.open()
        await shown.recover(f"after {name}")


async def _ordered(shown: Scene, name: str, allowed: set[int]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await shown.expect(name, f"{name} {number}", allowed)

    await asyncio.gather(*(one(number) for number in range(shown.count)))


async def _probed(shown: Scene, meanwhile: Coroutine[Any, Any, None]) -> list[float]:
    """How long other routes took while this went on, in seconds."""
    taken: list[float] = []
    working = asyncio.ensure_future(meanwhile)
    while not working.done():
        began = time.monotonic()
        answer = await shown.client.get(PROBES[len(taken) % len(PROBES)])
        taken.append(time.monotonic() - began)
        shown.verdict.expect(answer.status_code == httpx.codes.OK, f"meanwhile: {told(answer)}")
        await asyncio.sleep(0.02)
    await working
    return taken


def _judge(shown: Scene, name: str, before: list[float], during: list[float]) -> None:
    if min(len(before), len(during)) < ENOUGH_PROBES:
        return
    usual, now = _p95(before), _p95(during)
    shown.verdict.notes.append(
        f"{name}: other routes {now * 1000:.0f} ms (p95), {usual * 1000:.0f} before; "
        f"median {statistics.median(during) * 1000:.0f} and {statistics.median(before) * 1000:.0f}"
    )
    shown.verdict.expect(now <= usual * SLOWER + SLOWER_SECONDS, f"{name}: other routes became slow")


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


async def unresolved(shown: Scene) -> None:
    """The name of the calculator means nothing; an API of its own."""
    shop = Shop(
        shown.options.folder / "unresolved",
        MILLWRIGHT_STORAGE__DEMO_FILES="false",
        MILLWRIGHT_CALCULATOR__URL=UNRESOLVED,
    )
    shop.start_api()
    try:
        async with shop.client() as client:
            await settle(lambda: _signed_up(client))
            apart = Scene(shop, shown.neighbour, client, shown.verdict, shown.options, shown.count)
            await _ordered(apart, "no such name", AWAY)
            shown.answers.update(apart.answers)
            found = await read_stored(shop.database_url)
            shown.verdict.expect(not found.names, "an order without a price is stored")
    finally:
        await shop.stop()


async def _signed_up(client: httpx.AsyncClient) -> httpx.Response:
    client.headers.update(await sign_up(client))
    return await client.get("/orders")


async def wrong(shown: Scene) -> None:
    """Statuses and media types that are no answer, and redirects that nobody may follow."""
    followed: list[Asked] = []
    trap = Neighbour(free_port(), 0)

    async def note(_: Neighbour, asked: Asked, writer: asyncio.StreamWriter) -> None:
        followed.append(asked)
        writer.transport.abort()

    trap.behaviour = note
    await trap.open()
    page = b"<html><body>Bad gateway</body></html>"
    genuine = shown.neighbour.last_body
    behaviours: dict[str, Behaviour] = {
        "500": saying("500 Internal Server Error", b"{}"),
        "502 page": saying("502 Bad Gateway", page, "text/html"),
        "204": saying("204 No Content"),
        "302 to the trap": saying("302 Found", more=f"Location: http://127.0.0.1:{trap.port}/"),
        "302 to metadata": saying("302 Found", more="Location: http://169.254.169.254/latest/meta-data/"),
        "wrong type": saying("200 OK", genuine, "text/plain"),
        "compressed": saying("200 OK", genuine, more="Content-Encoding: gzip"),
        "cut": cut(genuine),
    }
    for name, behaviour in behaviours.items():
        for number in range(max(1, shown.count // len(behaviours))):
            shown.neighbour.behaviour = behaviour
            await shown.expect(name, f"{name} {number}", {502})
            await shown.recover(f"after {name} {number}")
    await trap.close()
    shown.verdict.counts["redirects followed"] = len(followed)
    shown.verdict.expect(not followed, "a redirect was followed")


async def nonsense(shown: Scene) -> None:
    """Bodies that are no price; afterwards the API has grown by little."""
    dice = shown.options.dice("nonsense")
    await shown.recover("before nonsense")
    genuine: dict[str, Any] = json.loads(shown.neighbour.last_body)
    before = resident_bytes(shown.shop)
    for number in range(shown.count):
        kind, body = garbage(genuine, dice) if number else ("huge", huge())
        shown.neighbour.behaviour = only_prices(saying("200 OK", body))
        await shown.expect(kind, f"nonsense {number} {kind}", {502})
    growth = resident_bytes(shown.shop) - before
    shown.verdict.notes.append(f"the API grew by {growth / 1e6:.1f} MB over {shown.count} bodies of nonsense")
    shown.verdict.expect(
        growth <= MOST_GROWTH_BYTES, f"the API grew by more than {MOST_GROWTH_BYTES / 1e6:.0f} MB"
    )
    await shown.recover("after nonsense")


def only_prices(behaviour: Behaviour) -> Behaviour:
    """Misbehave where a price is asked for; answer everything else."""

    async def chosen(neighbour: Neighbour, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await (behaviour if asked.path == "/v1/price" else pass_on)(neighbour, asked, writer)

    return chosen


def resident_bytes(shop: Shop) -> int:
    """Of the API, now."""
    assert shop.api
    pages = int(Path(f"/proc/{shop.api.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def flapping(shown: Scene) -> None:
    """Every second answer is a failure of some kind; customers repeat their orders under their keys."""
    dice = shown.options.dice("flapping")
    faults = (
        hang_up,
        saying("500 Internal Server Error", b"{}"),
        saying("503 Service Unavailable", b"{}"),
        saying("200 OK", b"nonsense"),
    )

    async def flap(neighbour: Neighbour, asked: Asked, writer: asyncio.StreamWriter) -> None:
        behaviour = dice.choice(faults) if dice.random() < FAILING_SHARE else pass_on
        await behaviour(neighbour, asked, writer)

    shown.neighbour.behaviour = flap
    places, priced = asyncio.Semaphore(AT_ONCE), Counter[bool]()

    async def one(number: int) -> None:
        async with places:
            try:
                answer = await settle(lambda: shown.order(f"flapping {number}"), _seen(shown))
            except NeverAnswered:
                priced[False] += 1
            else:
                priced[answer.status_code == CREATED] += 1

    await asyncio.gather(*(one(number) for number in range(shown.count)))
    shown.verdict.counts["orders priced by a flapping calculator"] = f"{priced[True]} of {shown.count}"
    shown.verdict.expect(priced[True] >= shown.count * WELL_SHARE, "orders were given up while it flapped")
    shown.neighbour.behaviour = pass_on


def _seen(shown: Scene) -> Callable[[httpx.Response], None]:
    def see(answer: httpx.Response) -> None:
        shown.answers[f"flapping {answer.status_code}"] += 1
        shown.verdict.expect(is_documented(answer), f"flapping: {told(answer)}")

    return see
