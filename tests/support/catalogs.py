"""The catalogues of the stand-in calculator: it holds what it came with and what was sent."""

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

VERSION = "catalog-1"

Rows = list[dict[str, Any]]


def row(table: str, key: str, **fields: Any) -> dict[str, Any]:
    """A row as it travels."""
    return {
        "table": table,
        "key": key,
        "fields": {"id": key, **fields, "source": "stand-in", "date": "2026-11-20"},
    }


def shipped_rows() -> Rows:
    """Whatever is priced costs so much a piece, whatever it is made of."""
    return [row("location", "location_1", price_of_piece="100"), row("cover", "painting", days=1)]


def version_of(rows: Rows) -> str:
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


@dataclass
class StandInShelf:
    """Catalogues by version; ``sent`` and ``proposed`` tell what arrived."""

    shipped: tuple[str, Rows] = field(default_factory=lambda: (VERSION, shipped_rows()))
    held: dict[str, Rows] = field(default_factory=dict)
    needs: str | None = None
    """The key of a row without which it cannot price."""
    sent: list[str] = field(default_factory=list)
    proposed: list[dict[str, Any]] = field(default_factory=list)

    def rows(self, version: str | None) -> Rows | None:
        """The rows of a version that is held, the shipped ones for ``None``."""
        own, rows = self.shipped
        return rows if version in {None, own} else self.held.get(str(version))

    def piece(self, version: str | None) -> Decimal | None:
        """What a piece costs under a version; ``None`` when it is not held."""
        rows = self.rows(version)
        if rows is None:
            return None
        (location,) = [row["fields"] for row in rows if row["table"] == "location"]
        return Decimal(location["price_of_piece"])

    def take(self, version: str, rows: Rows) -> bool:
        """Whether it can price by these rows; if so they are held."""
        self.sent.append(version)
        if self.needs is not None and self.needs not in {row["key"] for row in rows}:
            return False
        self.held[version] = rows
        return True

    def propose(self, asked: dict[str, Any]) -> tuple[str, Rows] | None:
        """Rows that replace those of the same key or come behind them; ``None`` for an unknown base."""
        base = self.rows(asked["base"])
        if base is None:
            return None
        self.proposed.append(asked)
        gone = {(name["table"], name["key"]) for name in asked["remove"]}
        new = {
            (given["table"], given["fields"]["id"]): {**given, "key": given["fields"]["id"]}
            for given in asked["rows"]
        }
        kept = [new.pop(name, old) for old in base if (name := (old["table"], old["key"])) not in gone]
        rows = [*kept, *new.values()]
        return (self.shipped[0] if rows == self.shipped[1] else version_of(rows)), rows
