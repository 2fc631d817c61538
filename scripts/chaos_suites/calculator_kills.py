"""``calculator-kills``: the calculator, its fork server and its children die under analyses and prices."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import httpx

from scripts.chaos_suites.parts import renewed, sound_parts
from scripts.chaos_suites.processes import Running, children_of, described, marked, zombies_below
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import is_documented, is_passing, order_of, settle, sign_up, told
from scripts.chaos_suites.verdict import Options, Verdict

CUSTOMERS = 4
TARGETS = ("calculator", "fork server", "child", "child")
LONGEST_PAUSE_SECONDS = 2.0
CHILD_PATIENCE_SECONDS = 3.0
ALLOWED = {200, 201, 202, 422, 502, 503, 504}
PATIENCE_SECONDS = 0.3
"""Between an answer that says to come again and the next request."""
SETTLING_SECONDS = 3.0
CHILDREN_IN_WAITING = 1


async def run(options: Options) -> Verdict:
    """Kill until the budget is used up; afterwards every part that was sent is measured."""
    verdict = Verdict("calculator-kills")
    shop = Shop(options.folder / "shop")
    async with shop:
        killer = Killer(shop, options.dice("kills"))
        customers = [Customer(shop, verdict, options.dice("customer", number)) for number in range(CUSTOMERS)]
        for customer in customers:
            await customer.arrive()
        tasks = [asyncio.create_task(customer.work()) for customer in customers]
        budget = options.budget()
        while budget.is_left:
            budget.spent += await killer.strike()
        for customer in customers:
            customer.stopped = True
        await asyncio.gather(*tasks)
        await shop.wait_ready()
        await asyncio.gather(*(customer.check() for customer in customers))
        await _check_family(shop, verdict)
    _tell(killer, customers, verdict)
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    verdict.expect(not (files := shop.temporary_files()), f"temporary files are left: {files}")
    return verdict


class Killer:
    """Chooses whom to kill; a calculator that was killed is started again at once."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.shop = shop
        self.dice = dice
        self.kills: Counter[str] = Counter()

    async def strike(self) -> int:
        """One kill after a random pause; 0 when the victim could not be found."""
        await asyncio.sleep(self.dice.uniform(0.1, LONGEST_PAUSE_SECONDS))
        target = self.dice.choice(TARGETS)
        if target == "calculator":
            self._calculator().kill()
            self.shop.start_calculator()
        elif not await self._kill_below(target):
            return 0
        self.kills[target] += 1
        return 1

    async def _kill_below(self, target: str) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CHILD_PATIENCE_SECONDS
        while loop.time() < deadline:
            servers = children_of(self._calculator().pid)
            victims = (
                servers if target == "fork server" else [pid for one in servers for pid in children_of(one)]
            )
            if victims:
                with suppress(ProcessLookupError):
                    os.kill(self.dice.choice(victims), signal.SIGKILL)
                    return True
            await asyncio.sleep(0.01)
        return False

    def _calculator(self) -> Running:
        assert self.shop.calculator
        return self.shop.calculator


class Customer:
    """Uploads parts nobody has measured, asks for their facts and prices, and for prices by dimensions."""

    def __init__(self, shop: Shop, verdict: Verdict, dice: random.Random) -> None:
        self.client = shop.client()
        self.verdict = verdict
        self.dice = dice
        self.parts = list(sound_parts().items())
        self.statuses: Counter[int] = Counter()
        self.files: dict[str, str] = {}
        self.stopped = False

    async def arrive(self) -> None:
        """Sign up."""
        self.client.headers.update(await sign_up(self.client))

    async def work(self) -> None:
        """Until stopped."""
        while not self.stopped:
            name, content = self.dice.choice(self.parts)
            files = {"file": (name, renewed(content, self.dice))}
            uploaded = await self._seen(self.client.post("/files", files=files))
            if uploaded is not None and uploaded.is_success:
                file_id = uploaded.json()["id"]
                self.files[file_id] = name
                await self._seen(self.client.get(f"/files/{file_id}/analysis"))
            wish = order_of("price", self.dice)
            wish.pop("name")
            await self._seen(self.client.post("/calculate-price", json=wish))

    async def check(self) -> None:
        """Now that nobody dies any more every part has facts and can be priced; then hang up."""
        for file_id, name in self.files.items():
            answer = await settle(partial(self.client.get, f"/files/{file_id}/analysis"))
            if answer.status_code != httpx.codes.OK:
                self.verdict.fail(f"{name} cannot be measured afterwards: {told(answer)}")
        wish = order_of("price", self.dice)
        wish.pop("name")
        answer = await settle(partial(self.client.post, "/calculate-price", json=wish))
        self.verdict.expect(answer.is_success, f"no price afterwards: {told(answer)}")
        await self.client.aclose()

    async def _seen(self, sending: Coroutine[Any, Any, httpx.Response]) -> httpx.Response | None:
        try:
            answer = await sending
        except httpx.TransportError as error:
            self.verdict.fail(f"the API did not answer: {error!r}")
            return None
        self.statuses[answer.status_code] += 1
        if answer.status_code not in ALLOWED or not is_documented(answer):
            self.verdict.fail(told(answer))
        if is_passing(answer):
            await asyncio.sleep(PATIENCE_SECONDS)
        return answer


async def _check_family(shop: Shop, verdict: Verdict) -> None:
    """Idle, the calculator has one child, the fork server, which has at most one in waiting."""
    assert shop.calculator
    assert shop.api
    await shop.api.stop()  # it has parts drawn in the background
    await asyncio.sleep(SETTLING_SECONDS)
    servers = children_of(shop.calculator.pid)
    below = [described(child) for server in servers for child in children_of(server)]
    verdict.expect(len(servers) == 1, f"the idle calculator has {len(servers)} children instead of one")
    verdict.expect(len(below) <= CHILDREN_IN_WAITING, f"the idle fork server has children: {below}")
    verdict.expect(not zombies_below(os.getpid()), "dead processes are not buried")


def _tell(killer: Killer, customers: list[Customer], verdict: Verdict) -> None:
    statuses = sum((customer.statuses for customer in customers), Counter[int]())
    verdict.counts |= {
        "kills": killer.kills.total(),
        "requests": statuses.total(),
        "parts measured in the end": sum(len(customer.files) for customer in customers),
    }
    verdict.notes.append(
        "killed: " + ", ".join(f"{times} × {who}" for who, times in sorted(killer.kills.items()))
    )
    verdict.notes.append(
        "answers: " + ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
    )
