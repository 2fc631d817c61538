from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.auth.identity import Identity
from app.auth.models import User, UserStatus
from app.auth.repository import SessionRepository, UserRepository
from app.core.clock import now
from app.core.db import Database
from tests.factories.auth import make_session, make_user


@contextmanager
def selects(database: Database) -> Iterator[list[str]]:
    """The questions asked meanwhile."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith("SELECT"):
            seen.append(arguments[2])

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


class TestIdentity:
    async def identity(self, db: Database, user: User, **session_changes: Any) -> Identity | None:
        row = await make_session(db, user=user, **session_changes)
        async with db.reading() as session:
            return await SessionRepository(session).identity(row.id, 1, now())

    async def test_says_who_in_one_statement(self, live: Database) -> None:
        user = await make_user(live, username="anna", is_admin=True, must_change_password=True)
        row = await make_session(live, user=user)

        async with live.reading() as session:
            with selects(live) as asked:
                identity = await SessionRepository(session).identity(row.id, 1, now())

        assert identity == Identity(
            id=user.id,
            username="anna",
            email=user.email,
            is_admin=True,
            session_id=row.id,
            must_change_password=True,
            is_email_confirmed=False,
        )
        assert len(asked) == 1

    @pytest.mark.parametrize(
        "changes",
        [{"status": UserStatus.blocked}, {"status": UserStatus.deleted}, {"token_version": 2}],
        ids=str,
    )
    async def test_nobody_whose_account_does_not_hold(self, db: Database, changes: dict[str, Any]) -> None:
        assert await self.identity(db, await make_user(db, **changes)) is None

    async def test_nobody_whose_session_has_ended(self, db: Database) -> None:
        user, moment = await make_user(db), now()

        assert await self.identity(db, user, revoked_at=moment) is None
        assert await self.identity(db, user, expires_at=moment) is None
        assert await self.identity(db, user, expires_at=moment + timedelta(minutes=1)) is not None


class TestFindByLogin:
    async def test_never_takes_an_address_for_a_user_name(self, db: Database) -> None:
        await make_user(db, email="anna@example.com", username="boris")

        async with db.reading() as session:
            users = UserRepository(session)

            assert await users.find_by_login("boris") is not None
            assert await users.find_by_login("boris@example.com") is None
            assert await users.find_by_login("anna") is None
            assert await users.find_by_login("%") is None


class TestRename:
    async def test_a_name_that_is_taken_leaves_the_unit_of_work_usable(self, db: Database) -> None:
        await make_user(db, username="anna")
        boris = await make_user(db, username="boris")

        async with db.transaction() as session:
            users = UserRepository(session)
            user = await users.get(boris.id)
            assert user is not None
            assert not await users.rename(user, "ANNA")
            assert await users.rename(user, "boris2")

        async with db.reading() as session:
            assert await UserRepository(session).find_by_login("boris2") is not None


class TestRevoke:
    async def test_ends_the_others_and_keeps_the_time_of_those_that_had_ended(self, db: Database) -> None:
        user, stranger = await make_user(db), await make_user(db)
        yesterday, moment = now() - timedelta(days=1), now()
        kept = await make_session(db, user=user)
        other = await make_session(db, user=user)
        ended = await make_session(db, user=user, revoked_at=yesterday)
        foreign = await make_session(db, user=stranger)

        async with db.transaction() as session:
            await SessionRepository(session).revoke_others(user.id, kept.id, moment)

        async with db.reading() as session:
            rows = [
                await SessionRepository(session).get_for_update(row.id)
                for row in (kept, other, ended, foreign)
            ]
        assert [row and row.revoked_at for row in rows] == [None, moment, yesterday, None]
