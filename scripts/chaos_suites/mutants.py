"""``mutants``: damaged parts of every format are uploaded, measured, drawn and priced."""

import asyncio
import os
import random
import re
from collections import Counter

import httpx

from scripts.chaos_suites.mutators import mutated
from scripts.chaos_suites.parts import every_format
from scripts.chaos_suites.processes import children_of, described, marked, zombies_below
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import is_documented, sign_up, told
from scripts.chaos_suites.verdict import Budget, Options, Verdict

CUSTOMERS = 4
PRICED_SHARE = 0.3
DRAWN_SHARE = 0.3
UPLOAD_STATUSES = {201, 413, 415, 422}
ANALYSIS_STATUSES = {200, 422}
PRICE_STATUSES = {200, 422}
PICTURE_STATUSES = {200, 202, 422}
LIMIT_SECONDS = "8"
"""Less than the service allows by default: what hangs, hangs; more files are tried in the same time."""
SETTLING_SECONDS = 3.0
CHILDREN_IN_WAITING = 1
ENDING = re.compile(r'^calculator_analyses_total\{ending="([^"]+)"\} ([0-9.e+]+)$', re.MULTILINE)


async def run(options: Options) -> Verdict:
    """Damage, upload and measure until the budget is used up."""
    verdict = Verdict("mutants")
    limits = {
        "MILLWRIGHT_CALCULATOR__WALL_SECONDS": LIMIT_SECONDS,
        "MILLWRIGHT_CALCULATOR__CPU_SECONDS": LIMIT_SECONDS,
        "MILLWRIGHT_CALCULATOR__WAIT_SECONDS": "60",
    }
    shop = Shop(options.folder / "shop", **limits)
    async with shop:
        customers = [Customer(shop, options, verdict, number) for number in range(CUSTOMERS)]
        budget = options.budget()
        await asyncio.gather(*(customer.work(budget) for customer in customers))
        endings = await _endings(shop)
        await shop.wait_ready()
        await _check_family(shop, verdict)
    _tell(customers, endings, verdict)
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    verdict.expect(not (files := shop.temporary_files()), f"temporary files are left: {files}")
    return verdict


class Customer:
    """Sends one damaged file after the other."""

    def __init__(self, shop: Shop, options: Options, verdict: Verdict, number: int) -> None:
        self.client = shop.client()
        self.kept = options.folder / "offenders"
        self.verdict = verdict
        self.dice: random.Random = options.dice("mutants", number)
        self.parts = list(every_format().items())
        self.answers: Counter[str] = Counter()

    async def work(self, budget: Budget) -> None:
        """Until the common budget is used up."""
        async with self.client:
            self.client.headers.update(await sign_up(self.client))
            while budget.is_left:
                budget.spent += 1
                name, content = self.dice.choice(self.parts)
                await self._try(name, mutated(content, self.dice))

    async def _try(self, name: str, content: bytes) -> None:
        uploaded = await self._seen(
            "upload", UPLOAD_STATUSES, "POST", "/files", content, files={"file": (name, content)}
        )
        if uploaded is None or uploaded.status_code != httpx.codes.CREATED:
            return
        file_id = uploaded.json()["id"]
        measured = await self._seen(
            "analysis", ANALYSIS_STATUSES, "GET", f"/files/{file_id}/analysis", content
        )
        if self.dice.random() < DRAWN_SHARE:
            for drawn in ("preview", "model.glb"):
                await self._seen(drawn, PICTURE_STATUSES, "GET", f"/files/{file_id}/{drawn}", content)
        if measured is not None and measured.is_success and self.dice.random() < PRICED_SHARE:
            wish = {"service_id": "cnc-milling", "material_id": "alum_D16", "file_id": file_id}
            await self._seen("price", PRICE_STATUSES, "POST", "/calculate-price", content, json=wish)

    async def _seen(
        self, what: str, allowed: set[int], method: str, path: str, content: bytes, **body: object
    ) -> httpx.Response | None:
        try:
            answer = await self.client.request(method, path, **body)  # type: ignore[arg-type] # files or json
        except httpx.TransportError as error:
            self._blame(f"{what}: the API did not answer: {error!r}", content)
            return None
        self.answers[f"{what} {answer.status_code}"] += 1
        if answer.status_code not in allowed or not is_documented(answer):
            self._blame(told(answer), content)
        return answer

    def _blame(self, sentence: str, content: bytes) -> None:
        """Fail, and keep the file for whoever repairs it."""
        self.kept.mkdir(exist_ok=True)
        (self.kept / f"{self.verdict.failures.total()}.bin").write_bytes(content)
        self.verdict.fail(sentence)


async def _endings(shop: Shop) -> dict[str, int]:
    """How the children ended, as the calculator counted them."""
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{shop.calculator_url}/metrics")).text
    return {ending: int(float(times)) for ending, times in ENDING.findall(text)}


async def _check_family(shop: Shop, verdict: Verdict) -> None:
    """Once nothing is drawn in the background any more, nobody is at work."""
    assert shop.calculator
    assert shop.api
    await shop.api.stop()
    await asyncio.sleep(SETTLING_SECONDS)
    busy = [child for server in children_of(shop.calculator.pid) for child in children_of(server)]
    verdict.expect(len(busy) <= CHILDREN_IN_WAITING, f"children are left: {[described(pid) for pid in busy]}")
    verdict.expect(not zombies_below(os.getpid()), "dead processes are not buried")


def _tell(customers: list[Customer], endings: dict[str, int], verdict: Verdict) -> None:
    answers = sum((customer.answers for customer in customers), Counter[str]())
    uploads = sum(times for what, times in answers.items() if what.startswith("upload"))
    contained = {
        ending: endings.get(ending, 0) for ending in ("crashed", "out-of-time", "out-of-memory", "failed")
    }
    verdict.counts |= {
        "files": uploads,
        **{f"children {ending}": times for ending, times in contained.items()},
    }
    server_errors = sum(times for what, times in answers.items() if what.split()[-1].startswith("5"))
    verdict.counts["answers 5xx"] = server_errors
    verdict.notes.append(
        "answers: " + ", ".join(f"{what}: {times}" for what, times in sorted(answers.items()))
    )
