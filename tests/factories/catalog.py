"""Versions of the catalogue, as administrators make them."""

from typing import Any

import httpx

from tests.support.auth import Account
from tests.support.catalogs import row

VERSIONS = "/api/v1/admin/catalog/versions"


def changed_rows(**fields: Any) -> list[dict[str, Any]]:
    """The row of the stand-in's catalogue that prices go by, with other fields."""
    whole = row("location", "location_1", **{"price_of_piece": "120", **fields})
    return [{"table": whole["table"], "fields": whole["fields"]}]


async def propose(client: httpx.AsyncClient, admin: Account, **body: Any) -> dict[str, Any]:
    """A draft; without a body the piece costs 120."""
    asked = body or {"rows": changed_rows()}
    answer = await client.post(VERSIONS, json=asked, headers=admin.headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def publish(client: httpx.AsyncClient, admin: Account, version_id: str) -> dict[str, Any]:
    answer = await client.post(f"{VERSIONS}/{version_id}/publish", headers=admin.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
