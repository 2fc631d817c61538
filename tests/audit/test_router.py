from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.db import Database
from tests.factories.audit import make_act
from tests.support.auth import MakeAccount

AUDIT = "/api/v1/admin/audit"
ANNA = UUID("00000000-0000-7000-8000-00000000000a")

Client = httpx.AsyncClient


class TestListActs:
    async def test_is_for_administrators(self, client: Client, as_user: MakeAccount) -> None:
        customer = await as_user()

        assert (await client.get(AUDIT)).status_code == 401
        assert (await client.get(AUDIT, headers=customer.headers)).status_code == 403

    async def test_tells_everything_of_an_act(
        self, client: Client, db: Database, as_admin: MakeAccount
    ) -> None:
        act = await make_act(db)
        admin = await as_admin()

        page = (await client.get(AUDIT, headers=admin.headers)).json()

        (row,) = page["items"]
        assert datetime.fromisoformat(row.pop("created_at")) == act.created_at
        assert row == {
            "id": str(act.id),
            "actor_kind": "user",
            "actor_id": str(act.actor_id),
            "action": "user.changed",
            "object_kind": "user",
            "object_id": act.object_id,
            "before": {"status": "active"},
            "after": {"status": "blocked"},
            "address": "192.0.2.1",
            "request_id": "request-1",
            "position": None,
        }

    @pytest.mark.parametrize(
        "query",
        [
            {"actor_id": str(ANNA)},
            {"action": "order.cancelled"},
            {"object_kind": "order"},
            {"object_id": "order-7"},
            {"search": "CANCEL"},
            {"search": "der-7"},
            {"since": "2026-11-20T00:00:00Z"},
            {"since": "2026-11-19T12:00:00Z", "until": "2026-11-21T00:00:00+03:00"},
        ],
        ids=str,
    )
    async def test_filters(
        self, client: Client, db: Database, as_admin: MakeAccount, query: dict[str, Any]
    ) -> None:
        await make_act(db, created_at=datetime(2026, 11, 19, tzinfo=UTC))
        wanted = await make_act(
            db,
            actor_id=ANNA,
            action="order.cancelled",
            object_kind="order",
            object_id="order-7",
            created_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        )
        admin = await as_admin()

        page = (await client.get(AUDIT, params=query, headers=admin.headers)).json()

        assert [row["id"] for row in page["items"]] == [str(wanted.id)]

    async def test_the_newest_come_first(self, client: Client, db: Database, as_admin: MakeAccount) -> None:
        acts = [await make_act(db, created_at=datetime(2026, 11, day, tzinfo=UTC)) for day in (1, 3, 2)]
        admin = await as_admin()

        newest = (await client.get(AUDIT, headers=admin.headers)).json()
        oldest = (await client.get(AUDIT, params={"sort": "created_at"}, headers=admin.headers)).json()

        ids = [str(act.id) for act in acts]
        assert [row["id"] for row in newest["items"]] == [ids[1], ids[2], ids[0]]
        assert [row["id"] for row in oldest["items"]] == [ids[0], ids[2], ids[1]]

    @pytest.mark.parametrize(
        "query",
        [
            {"since": "9999-12-31T23:59:59-14:00"},
            {"until": "0001-01-01T00:00:00+14:00"},
            {"since": "2026-11-20T00:00:00"},
            {"action": "x" * 65},
        ],
        ids=str,
    )
    async def test_names_the_parameter_it_cannot_use(
        self, client: Client, as_admin: MakeAccount, query: dict[str, str]
    ) -> None:
        admin = await as_admin()

        answer = await client.get(AUDIT, params=query, headers=admin.headers)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == list(query)
