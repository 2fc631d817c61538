"""What is shown cannot be sent back to be believed: only the fields a body names are taken."""

from typing import Any

import httpx
import pytest

from app.core.db import Database
from tests.security.operations import Operation, all_operations, response_fields
from tests.security.test_access import BY_KEY, OPEN
from tests.security.world import World, body_for
from tests.support.audit import all_acts

WRITES = [operation for operation in all_operations() if operation.body is not None]
FIELDS = response_fields()

SOME = 15
"""So many at a time, as an answer names twenty mistakes and no more."""

Client = httpx.AsyncClient


def may_ask(operation: Operation) -> str:
    if str(operation) in OPEN | BY_KEY:
        return "stranger"
    return "admin" if operation.is_for_administrators else "anna"


def test_there_is_something_to_send_back() -> None:
    assert len(WRITES) >= 10
    assert {"id", "is_admin", "status", "total_price", "created_at", "key", "scopes"} <= FIELDS.keys()


@pytest.mark.parametrize("operation", WRITES, ids=str)
class TestBodies:
    def test_are_closed(self, operation: Operation) -> None:
        assert operation.body is not None
        assert operation.body["additionalProperties"] is False

    async def test_take_no_field_of_an_answer_that_is_not_theirs(
        self, client: Client, db: Database, world: World, operation: Operation
    ) -> None:
        assert operation.body is not None
        foreign = [name for name in FIELDS if name not in operation.body["properties"]]
        before = len(await all_acts(db))
        for start in range(0, len(foreign), SOME):
            names = foreign[start : start + SOME]
            request = world.request(operation, may_ask(operation), world.own)
            request["json"] = {**body_for(operation), **{name: FIELDS[name] for name in names}}

            answer = await client.request(**request)

            assert answer.status_code == 422, answer.text
            assert {error["field"] for error in answer.json()["errors"]} >= set(names)
        assert len(await all_acts(db)) == before

    async def test_refuse_a_whole_answer_sent_back(
        self, client: Client, world: World, operation: Operation
    ) -> None:
        request: dict[str, Any] = world.request(operation, may_ask(operation), world.own)
        request["json"] = FIELDS

        answer = await client.request(**request)

        assert answer.status_code == 422, answer.text
