"""Price requests and orders a customer could mean: ids of the catalogue, figures from tiny to absurd.

A fuzzer that knows only shapes hardly ever names a material that its process takes; these do.
"""

import json
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx

from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import is_documented, sign_up, told
from scripts.chaos_suites.verdict import Budget, Options, Verdict

ALLOWED = {200, 201, 409, 422, 503, 504}
CHOICES = {
    "tolerance_id": "tolerances",
    "finish_id": "finishes",
    "control_id": "controls",
}
MANY = {"cover_ids": "covers", "certificate_ids": "certificates"}
LENGTHS = (10, 20, 49.999, 80, 100, 150)
ODD_LENGTHS = (0.001, 0.5, 1, 1000, 9999.99, 1e6, 1e12)
QUANTITIES = (1, 1, 2, 5, 10, 49, 99, 500, 10_000, 10**9)
OPTION_SHARE = 0.3
ODD_SHARE = 0.15
"""How often something is chosen that cannot be made, or hardly."""
ORDER_SHARE = 0.3


class Wishes:
    """One customer with many wishes."""

    def __init__(self, shop: Shop, options: Options, verdict: Verdict) -> None:
        self.client = shop.client()
        self.dice: random.Random = options.dice("wishes")
        self.verdict = verdict
        self.answers: Counter[str] = Counter()
        self.known: dict[str, list[str]] = {}

    async def work(self, budget: Budget) -> None:
        """Until the time is over."""
        async with self.client:
            self.client.headers.update(await sign_up(self.client))
            await self._learn()
            while budget.is_left:
                await self._wish()

    async def _learn(self) -> None:
        services = (await self.client.get("/services")).json()["items"]
        self.known["services"] = _ids(services)
        self.known["automatic"] = _ids([one for one in services if one["pricing"] == "automatic"])
        for service in self.known["automatic"]:
            answer = await self.client.get("/materials", params={"process": service})
            self.known[f"materials of {service}"] = _ids(answer.json()["items"] if answer.is_success else [])
        for name in ("materials", "locations"):
            self.known[name] = _ids((await self.client.get(f"/{name}")).json()["items"])
        for name, items in (await self.client.get("/coefficients")).json().items():
            if isinstance(items, list):
                self.known[name] = _ids(items)
        self.known["files"] = _ids((await self.client.get("/files/demo")).json()["items"])

    async def _wish(self) -> None:
        wish = self._invent()
        if self.dice.random() < ORDER_SHARE:
            headers = {"Idempotency-Key": f"wish-{self.dice.getrandbits(64):x}"}
            first = await self._send("/orders", {**wish, "name": "wish"}, headers)
            again = await self._send("/orders", {**wish, "name": "wish"}, headers)
            if first.is_success and first.content != again.content:
                self.verdict.fail("a replay has other bytes than the first answer")
        else:
            answer = await self._send("/calculate-price", wish, {})
            if answer.is_success:
                self._check_sums(answer.json())

    def _invent(self) -> dict[str, Any]:
        service = self.dice.choice(self.known["services" if self._is_odd() else "automatic"])
        fitting = self.known.get(f"materials of {service}")
        wish: dict[str, Any] = {
            "service_id": service,
            "material_id": self.dice.choice(
                self.known["materials"] if self._is_odd() or not fitting else fitting
            ),
            "quantity": self.dice.choice(QUANTITIES),
            **self._part(),
        }
        optional: dict[str, Any] = {name: self.dice.choice(self.known[of]) for name, of in CHOICES.items()}
        optional |= {
            name: self.dice.choices(self.known[of], k=2) for name, of in MANY.items() if self.known.get(of)
        }
        optional["location_id"] = self.dice.choice(self.known["locations"])
        optional["lead_time"] = self.dice.choice(["economy", "standard", "express"])
        optional["quantities"] = self.dice.sample(QUANTITIES[1:], 3)
        return wish | {name: value for name, value in optional.items() if self.dice.random() < OPTION_SHARE}

    def _is_odd(self) -> bool:
        return self.dice.random() < ODD_SHARE

    def _part(self) -> dict[str, Any]:
        if self.dice.random() < 0.5:  # noqa: PLR2004 - as often as not
            return {"file_id": self.dice.choice(self.known["files"])}
        sides = self.dice.choice([("length", "width", "height"), ("diameter", "length")])
        return {
            "dimensions": {
                f"{side}_mm": self.dice.choice(ODD_LENGTHS if self._is_odd() else LENGTHS) for side in sides
            }
        }

    async def _send(self, path: str, wish: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        answer = await self.client.post(path, json=wish, headers=headers)
        self.answers[f"{answer.status_code} at {path}"] += 1
        if answer.status_code not in ALLOWED or not is_documented(answer):
            self.verdict.fail(f"{told(answer)} to {json.dumps(wish)}")
        return answer

    def _check_sums(self, price: dict[str, Any]) -> None:
        top = sum(Decimal(line["amount"]) for line in price["lines"])
        if top != Decimal(price["total_price"]):
            self.verdict.fail(f"lines sum to {top}, not to {price['total_price']}")


def _ids(items: list[dict[str, Any]]) -> list[str]:
    return [str(item["id"]) for item in items]
