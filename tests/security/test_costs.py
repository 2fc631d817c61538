"""What safety costs those who only read: who asks is one statement, what is asked another."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from app.core.db import Database
from tests.security.world import World


@pytest.fixture
def asked(db: Database) -> Iterator[list[str]]:
    """The statements since the test has cleared them."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SAVEPOINT" not in statement:  # of the test's own transaction
            found.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/orders/{order_id}", "/files/{file_id}", "/profile"])
async def test_one_read_is_two_statements(
    client: httpx.AsyncClient, world: World, asked: list[str], path: str
) -> None:
    asked.clear()

    answer = await client.get("/api/v1" + path.format(**world.own), headers=world.identities["anna"])

    assert answer.status_code == 200
    assert len(asked) == 2, asked
    assert "sessions" in asked[0]
