from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.auth.models import EmailLink, LinkPurpose, Session
from app.auth.repository import EmailLinkRepository, SessionRepository
from app.core.clock import now
from app.core.db import Database
from app.core.resources import Resources
from tests.auth.calls import LOGIN, LOGOUT, PROFILE, REFRESH, SESSIONS, Client, change_user, cookie, cookie_of
from tests.auth.conftest import OpenHouse
from tests.factories.auth import PASSWORD, make_session, make_user
from tests.support.auth import MakeAccount, account_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class TestListSessions:
    async def test_refuses_a_stranger(self, client: Client) -> None:
        assert (await client.get(SESSIONS)).status_code == 401

    async def test_shows_devices_and_last_use_of_what_goes_on(
        self, client: Client, db: Database, clock: Callable[[float], None]
    ) -> None:
        user = await make_user(db)
        credentials = {"email": user.email, "password": PASSWORD}
        first = await client.post(LOGIN, json=credentials, headers={"User-Agent": FIREFOX})
        clock(60)
        await client.post(LOGIN, json={**credentials, "remember_me": True}, headers={"User-Agent": "curl/8"})
        clock(60)
        headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
        await client.post(REFRESH, headers=cookie(cookie_of(first).value))
        await make_session(db, user=user, revoked_at=now())
        await make_session(db, user=user, expires_at=now())
        await make_session(db, user=await make_user(db))

        page = (await client.get(SESSIONS, headers=headers)).json()

        assert page["total"] == 2
        assert [
            (row["device"], row["remember_me"], row["is_current"], row["user_agent"]) for row in page["items"]
        ] == [("Firefox on Linux", False, True, FIREFOX), ("curl", True, False, "curl/8")]
        assert page["items"][0]["last_used_at"] > page["items"][0]["created_at"]
        assert not any("digest" in name for name in page["items"][0])

    @pytest.mark.parametrize(
        ("query", "devices"),
        [
            ("search=CURL", ["curl"]),
            ("search=%25", []),
            ("limit=1", ["wget"]),
            ("limit=1&page=2", ["curl"]),
            ("sort=created_at", ["curl", "wget"]),
        ],
    )
    async def test_pages_sorts_and_searches(
        self, client: Client, db: Database, resources: Resources, query: str, devices: list[str]
    ) -> None:
        user = await make_user(db)
        account = await account_of(resources, user)
        await make_session(db, user=user, user_agent="curl/8", last_used_at=now() + timedelta(minutes=1))
        await make_session(db, user=user, user_agent="wget/1", last_used_at=now() + timedelta(minutes=2))

        page = (await client.get(f"{SESSIONS}?{query}", headers=account.headers)).json()

        assert [row["device"] for row in page["items"] if not row["is_current"]] == devices

    @pytest.mark.parametrize("query", ["sort=device", "who=me", "limit=0"])
    async def test_refuses_a_query_it_does_not_know(
        self, client: Client, as_user: MakeAccount, query: str
    ) -> None:
        account = await as_user()

        assert (await client.get(f"{SESSIONS}?{query}", headers=account.headers)).status_code == 422


class TestEndSession:
    async def test_refuses_a_stranger(self, client: Client) -> None:
        assert (await client.delete(f"{SESSIONS}/{uuid4()}")).status_code == 401

    async def test_signs_another_device_out_at_once(
        self, client: Client, resources: Resources, as_user: MakeAccount
    ) -> None:
        account = await as_user()
        other = await account_of(resources, account.user)

        ended = await client.delete(f"{SESSIONS}/{other.session_id}", headers=account.headers)
        again = await client.delete(f"{SESSIONS}/{other.session_id}", headers=account.headers)

        assert (ended.status_code, again.status_code) == (204, 404)
        assert (await client.get(PROFILE, headers=other.headers)).status_code == 401
        assert (await client.post(REFRESH, headers=cookie(other.tokens.refresh_token))).status_code == 401
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 200

    async def test_signs_this_device_out(self, client: Client, as_user: MakeAccount) -> None:
        account = await as_user()

        ended = await client.delete(f"{SESSIONS}/{account.session_id}", headers=account.headers)

        assert ended.status_code == 204
        assert (await client.get(PROFILE, headers=account.headers)).status_code == 401

    async def test_a_foreign_one_is_not_there(self, client: Client, as_user: MakeAccount) -> None:
        account, stranger = await as_user(), await as_user()

        refused = await client.delete(f"{SESSIONS}/{stranger.session_id}", headers=account.headers)

        assert refused.status_code == 404
        assert (await client.get(PROFILE, headers=stranger.headers)).status_code == 200


class TestRoleChange:
    async def test_acts_at_the_next_request(
        self, client: Client, db: Database, as_admin: MakeAccount
    ) -> None:
        account = await as_admin()
        await change_user(db, account.id, is_admin=False)

        profile = await client.get(PROFILE, headers=account.headers)

        assert (profile.status_code, profile.json()["is_admin"]) == (200, False)


class TestOldPasswords:
    @pytest.mark.parametrize(("days", "must_change"), [(0, False), (30, True), (60, False)])
    async def test_must_be_changed_where_the_settings_say_so(
        self, open_house: OpenHouse, clock: Callable[[float], None], days: int, *, must_change: bool
    ) -> None:
        house = await open_house(auth={"password_days": days})
        account = await account_of(house.resources, await make_user(house.db, password_changed_at=now()))
        clock(30 * 24 * 3600)

        login = await house.login(account.user.email, PASSWORD)

        assert login.json()["must_change_password"] is must_change
        headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
        assert (await house.client.get(SESSIONS, headers=headers)).status_code == (
            403 if must_change else 200
        )
        assert (await house.client.post(LOGOUT, headers=headers)).status_code == 204

    async def test_a_session_that_goes_on_is_not_spared(
        self, open_house: OpenHouse, clock: Callable[[float], None]
    ) -> None:
        house = await open_house(auth={"password_days": 1})
        account = await account_of(house.resources, await make_user(house.db), remember_me=True)
        clock(25 * 3600)

        refreshed = await house.client.post(REFRESH, headers=cookie(account.tokens.refresh_token))

        assert refreshed.json()["must_change_password"] is True


class TestTidying:
    async def test_ended_sessions_and_links_are_dropped(self, db: Database) -> None:
        user, moment = await make_user(db), now()
        kept = [await make_session(db, user=user), await make_session(db, user=user, revoked_at=moment)]
        await make_session(db, user=user, expires_at=moment - timedelta(hours=2))
        await make_session(db, user=user, revoked_at=moment - timedelta(hours=2))
        async with db.transaction() as session:
            for number, purpose in enumerate(LinkPurpose):
                session.add(
                    EmailLink(
                        user_id=user.id,
                        purpose=purpose,
                        token_digest=str(number) * 64,
                        recipient_key=user.email_key,
                        expires_at=moment + timedelta(minutes=number),
                    )
                )

        async with db.transaction() as session:
            await SessionRepository(session).forget_ended(moment - timedelta(hours=1))
            await EmailLinkRepository(session).forget_expired(moment)

        async with db.reading() as session:
            assert set(await session.scalars(select(Session.id))) == {row.id for row in kept}
            assert list(await session.scalars(select(EmailLink.purpose))) == [LinkPurpose.recover]
