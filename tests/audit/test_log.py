import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from app.audit.chain import Link
from app.audit.dependencies import audit_log
from app.audit.models import ActorKind, AuditRecord
from app.audit.service import SYSTEM, Actor, Origin
from app.core.db import Database
from tests.factories.audit import make_act
from tests.support.audit import all_acts, inspect, seal, tamper

ANNA = UUID("00000000-0000-7000-8000-00000000000a")
REPLACING = {
    "sqlite": "INSERT OR REPLACE INTO audit_records SELECT * FROM audit_records",
    "postgresql": "INSERT INTO audit_records SELECT * FROM audit_records "
    "ON CONFLICT (id) DO UPDATE SET action = 'nothing'",
}


class TestRecord:
    async def test_tells_who_did_what_from_where(self, db: Database) -> None:
        async with db.transaction() as session:
            log = audit_log(session, Origin("192.0.2.7", "request-7"))
            await log.record(Actor.user(ANNA), "user.blocked", "user", uuid4())

        (act,) = await all_acts(db)
        assert (act.actor_kind, act.actor_id, act.action) == (ActorKind.user, ANNA, "user.blocked")
        assert (act.address, act.request_id, act.position) == ("192.0.2.7", "request-7", None)

    async def test_keeps_only_what_changed(self, db: Database) -> None:
        before = {"name": "A", "admin": False, "id": ANNA}
        after = {"name": "B", "admin": False, "id": ANNA, "phone": "+79123456789"}

        async with db.transaction() as session:
            await audit_log(session).record(SYSTEM, "x", "user", 1, before=before, after=after)

        (act,) = await all_acts(db)
        assert (act.before, act.after) == ({"name": "A"}, {"name": "B", "phone": "+79123456789"})

    async def test_is_undone_with_what_it_tells_of(self, live: Database) -> None:
        async def fail_later() -> None:
            async with live.transaction() as session:
                await audit_log(session).record(SYSTEM, "x", "user", 1)
                raise RuntimeError("failed later")

        with pytest.raises(RuntimeError, match="failed later"):
            await fail_later()

        assert await all_acts(live) == []


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        "statement",
        [
            update(AuditRecord).values(action="nothing"),
            update(AuditRecord).values(after=None),
            update(AuditRecord).values(actor_id=None),
            delete(AuditRecord),
        ],
        ids=["another action", "no after", "no actor", "deletion"],
    )
    @pytest.mark.parametrize("sealed", [False, True])
    async def test_to_change_or_delete_a_row(self, live: Database, statement: Any, *, sealed: bool) -> None:
        act = await make_act(live)
        if sealed:
            await seal(live)

        with pytest.raises(DBAPIError, match="audit records are never"):
            async with live.transaction() as session:
                await session.execute(statement)

        (kept,) = await all_acts(live)
        assert (kept.id, kept.action, kept.actor_id) == (act.id, act.action, act.actor_id)

    async def test_to_put_a_row_in_the_place_of_another(self, live: Database) -> None:
        act = await make_act(live)
        await seal(live)

        with pytest.raises(DBAPIError, match="audit records are never changed"):
            async with live.transaction() as session:
                await session.execute(text(REPLACING[live.engine.dialect.name]))

        (kept,) = await all_acts(live)
        assert (kept.id, kept.action) == (act.id, act.action)

    async def test_to_seal_a_row_twice(self, live: Database) -> None:
        await make_act(live)
        await seal(live)

        with pytest.raises(DBAPIError, match="audit records are never changed"):
            async with live.transaction() as session:
                await session.execute(update(AuditRecord).values(position=7, digest="0" * 64))


class TestSeal:
    async def test_goes_on_where_it_ended(self, live: Database) -> None:
        acts = [await make_act(live) for _ in range(3)]
        first = await seal(live)
        acts += [await make_act(live) for _ in range(2)]

        second = await seal(live)

        sealed = await all_acts(live)
        assert [(act.id, act.position) for act in sealed] == [
            (act.id, n) for n, act in enumerate(acts, start=1)
        ]
        assert (first and first.position, second) == (3, Link(5, sealed[-1].digest or ""))

    async def test_does_nothing_when_all_is_sealed(self, live: Database) -> None:
        await make_act(live)
        await seal(live)

        assert await seal(live) is None

    async def test_two_at_once_do_not_make_two_chains(self, live: Database) -> None:
        for _ in range(5):
            await make_act(live)

        await asyncio.gather(seal(live), seal(live), return_exceptions=True)
        await seal(live)

        report = await inspect(live)
        assert (report.broken, report.head.position, report.unsealed) == ([], 5, 0)


class TestInspect:
    async def test_an_untouched_chain_is_whole(self, live: Database) -> None:
        for _ in range(4):
            await make_act(live, before=None, after={"наименование": "Фрезер", "n": [1, None, True]})
        head = await seal(live)
        await make_act(live)

        report = await inspect(live, head)

        assert (report.broken, report.head, report.unsealed) == ([], head, 1)
        assert report.unsealed_since is not None

    @pytest.mark.parametrize(
        "changes",
        [
            {"action": "user.restored"},
            {"actor_id": None},
            {"after": {"status": "active"}},
            {"address": "198.51.100.1"},
            {"digest": "f" * 64},
        ],
        ids=str,
    )
    async def test_a_changed_row_is_named(self, live: Database, changes: dict[str, Any]) -> None:
        acts = [await make_act(live) for _ in range(4)]
        await seal(live)

        await tamper(live, update(AuditRecord).where(AuditRecord.id == acts[1].id).values(**changes))

        report = await inspect(live)
        assert (report.broken[0].position, report.broken[0].record_id) == (2, str(acts[1].id))
        assert str(acts[1].id) in str(report.broken[0])
        assert len(report.broken) == (2 if "digest" in changes else 1)

    async def test_a_deleted_row_is_named_by_its_place(self, live: Database) -> None:
        acts = [await make_act(live) for _ in range(4)]
        await seal(live)

        await tamper(live, delete(AuditRecord).where(AuditRecord.id == acts[1].id))

        report = await inspect(live)
        assert [str(place) for place in report.broken] == ["the record at position 2 is missing"]

    async def test_a_cut_off_end_is_found_by_a_head_noted_before(self, live: Database) -> None:
        acts = [await make_act(live) for _ in range(3)]
        head = await seal(live)

        await tamper(live, delete(AuditRecord).where(AuditRecord.id == acts[2].id))

        assert (await inspect(live)).broken == []
        report = await inspect(live, head)
        assert [str(place) for place in report.broken] == [
            "the record at position 3 was noted and is missing"
        ]

    async def test_so_is_a_chain_made_anew(self, live: Database) -> None:
        acts = [await make_act(live) for _ in range(2)]
        head = await seal(live)
        anew = {"position": None, "digest": None, "action": "user.restored"}
        await tamper(live, update(AuditRecord).where(AuditRecord.id == acts[1].id).values(**anew))
        await seal(live)

        assert (await inspect(live)).broken == []
        assert (await inspect(live, head)).broken[0].record_id == str(acts[1].id)
