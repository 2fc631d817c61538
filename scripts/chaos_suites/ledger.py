"""What customers were told, compared with what is stored."""

import hashlib
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from scripts.chaos_suites.traffic import CREATED, order_of
from scripts.chaos_suites.verdict import Verdict


@dataclass
class Told:
    """The first final answer to a key: the id of its order and the digest of its bytes."""

    order_id: UUID
    digest: str


@dataclass
class Ledger:
    """Every key that was ever sent, and what was answered first. An order is named like its key."""

    sent: set[str] = field(default_factory=set)
    told: dict[str, Told] = field(default_factory=dict)
    replays: int = 0
    contradictions: int = 0
    """How often one and the same key was answered with other bytes than before."""

    def keep(self, key: str, answer: httpx.Response) -> bool:
        """Note a 201; False when the same key was answered otherwise before."""
        digest = hashlib.sha256(answer.content).hexdigest()
        known = self.told.setdefault(key, Told(UUID(answer.json()["id"]), digest))
        return known.digest == digest


async def place(client: httpx.AsyncClient, ledger: Ledger, key: str) -> httpx.Response:
    """Order under this key, the same for the same key, and write down what was told."""
    ledger.sent.add(key)
    body = json.dumps(order_of(key, random.Random(key))).encode()  # noqa: S311 - the same order for the same key
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    answer = await client.post("/orders", content=body, headers=headers)
    if answer.status_code == CREATED and not ledger.keep(key, answer):
        ledger.contradictions += 1
    return answer


@dataclass(frozen=True)
class Stored:
    """What the database holds."""

    names: Counter[str]
    ids: dict[str, UUID]
    keys: Counter[str]
    files: set[str]


async def read_stored(database_url: str) -> Stored:
    """Orders by name, keys, and where files lie."""
    engine = create_async_engine(database_url)
    try:
        async with engine.connect() as connection:
            orders = await _rows(connection, "SELECT id, name FROM orders")
            keys = await _rows(connection, "SELECT key, route FROM idempotency_keys")
            files = await _rows(connection, "SELECT storage_key, sha256 FROM contents")
    finally:
        await engine.dispose()
    return Stored(
        Counter(name for _, name in orders),
        {name: UUID(str(order_id)) for order_id, name in orders},
        Counter(key for key, _ in keys),
        {key for key, _ in files},
    )


async def _rows(connection: AsyncConnection, statement: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in await connection.execute(text(statement))]


def compare(ledger: Ledger, stored: Stored, verdict: Verdict) -> None:
    """Count what was lost, doubled or kept by halves; each is a failure."""
    lost = [key for key, told in ledger.told.items() if stored.ids.get(key) != told.order_id]
    doubled = [name for name, times in stored.names.items() if times > 1]
    halves = stored.names.keys() ^ stored.keys.keys()
    strangers = stored.names.keys() - ledger.sent
    verdict.counts |= {
        "orders acknowledged": len(ledger.told),
        "lost": len(lost),
        "doubled": len(doubled),
        "half-written": len(halves),
        "replays": ledger.replays,
    }
    verdict.expect(not ledger.contradictions, "a replay has other bytes than the first answer")
    verdict.expect(not lost, f"acknowledged orders are not there, such as {lost[:3]}")
    verdict.expect(not doubled, f"keys have two orders, such as {doubled[:3]}")
    verdict.expect(not halves, f"orders without key or keys without order, such as {sorted(halves)[:3]}")
    verdict.expect(not strangers, f"orders nobody sent, such as {sorted(strangers)[:3]}")
    verdict.expect(bool(ledger.told), "not one order was acknowledged")
