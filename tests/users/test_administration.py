import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select

from app.audit.models import AuditRecord
from app.auth.models import ApiKey, Session, User, UserStatus
from app.contents.models import Content
from app.core.db import Database
from app.core.idempotency import IdempotencyRecord
from app.core.job_tables import OutboxMessage
from app.core.models import Base
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.models import File
from app.orders.models import Order
from app.users.models import Profile
from tests.factories.auth import PASSWORD, make_user
from tests.factories.files import make_file
from tests.factories.users import LEGAL, make_profile, registration
from tests.support.audit import all_acts
from tests.support.auth import Account, MakeAccount, account_of
from tests.support.jobs import run_jobs

USERS = "/api/v1/users"
NOBODY = "00000000-0000-7000-8000-00000000dead"
NEW_PASSWORD = "staple of a horse 7"

Client = httpx.AsyncClient


@pytest.fixture
async def admin(as_admin: MakeAccount) -> Account:
    """The administrator who asks."""
    return await as_admin(email="admin@example.com")


async def count(db: Database, model: type[Base]) -> int:
    async with db.reading() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def reload(db: Database, user_id: UUID) -> User:
    async with db.reading() as session:
        return (await session.execute(select(User).where(User.id == user_id))).scalar_one()


async def signed_in(client: Client, user: User) -> dict[str, str]:
    answer = await client.post("/api/v1/login", json={"email": user.email, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", f"/{NOBODY}"),
        ("PATCH", f"/{NOBODY}"),
        ("DELETE", f"/{NOBODY}"),
        ("DELETE", f"/{NOBODY}/hard"),
        ("POST", f"/{NOBODY}/restore"),
        ("GET", f"/{NOBODY}/files"),
        ("GET", f"/{NOBODY}/orders"),
    ],
)
class TestWhoMay:
    async def test_strangers_and_customers_may_not(
        self, client: Client, as_user: MakeAccount, method: str, path: str
    ) -> None:
        customer = await as_user()

        stranger = await client.request(method, USERS + path)
        refused = await client.request(method, USERS + path, headers=customer.headers, json={})

        assert code(stranger) == (401, "unauthenticated")
        assert code(refused) == (403, "forbidden")

    async def test_nobody_is_not_found(self, client: Client, admin: Account, method: str, path: str) -> None:
        if not path:
            return
        response = await client.request(
            method, USERS + path, headers=admin.headers, json={} if method == "PATCH" else None
        )

        assert code(response) == (404, "not-found")


class TestListUsers:
    async def test_finds_by_whatever_is_told(self, client: Client, db: Database, admin: Account) -> None:
        anna = await make_user(db, email="anna@example.com", username="annushka")
        await make_profile(db, user=anna, company="Фрезер", phone="+79123456789", payment_inn="7707083893")
        await make_profile(db, user=await make_user(db), full_name="Boris")

        for term in ("ANNA@", "nnushk", "фрезер", "9123456", "770708", "petrova"):
            found = (await client.get(USERS, params={"search": term}, headers=admin.headers)).json()
            assert [user["id"] for user in found["items"]] == [str(anna.id)], term

    async def test_shows_everybody_in_any_order(self, client: Client, db: Database, admin: Account) -> None:
        for name in ("c", "a", "b"):
            await make_user(db, email=f"{name}@example.com")

        rising = (await client.get(USERS, params={"sort": "email"}, headers=admin.headers)).json()
        second = await client.get(
            USERS, params={"sort": "-email", "limit": 2, "page": 2}, headers=admin.headers
        )

        emails = [user["email"] for user in rising["items"]]
        assert emails == ["a@example.com", "admin@example.com", "b@example.com", "c@example.com"]
        assert [user["email"] for user in second.json()["items"]] == ["admin@example.com", "a@example.com"]
        assert rising["total"] == second.json()["total"] == 4

    @pytest.mark.parametrize(
        ("query", "emails"),
        [
            ({"status": "blocked"}, ["blocked@example.com"]),
            ({"is_admin": "true"}, ["admin@example.com"]),
            ({"user_type": "legal"}, ["firm@example.com"]),
        ],
        ids=["status", "administrators", "firms"],
    )
    async def test_filters(
        self, client: Client, db: Database, admin: Account, query: dict[str, str], emails: list[str]
    ) -> None:
        await make_user(db, email="blocked@example.com", status=UserStatus.blocked)
        firm = await make_user(db, email="firm@example.com")
        await make_profile(db, user=firm, **LEGAL)

        found = (await client.get(USERS, params=query, headers=admin.headers)).json()

        assert [user["email"] for user in found["items"]] == emails


class TestCreateUser:
    async def test_makes_a_user_who_has_to_change_the_password(self, client: Client, admin: Account) -> None:
        body = registration(password=NEW_PASSWORD, phone="8 912 345 67 89", is_admin=True)

        response = await client.post(USERS, json=body, headers=admin.headers)

        assert response.status_code == 201
        created = response.json()
        assert (created["is_admin"], created["must_change_password"], created["status"]) == (
            True,
            True,
            "active",
        )
        assert (created["phone"], created["generated_password"]) == ("+79123456789", None)
        login = await client.post("/api/v1/login", json={"email": body["email"], "password": NEW_PASSWORD})
        assert login.json()["must_change_password"] is True

    async def test_makes_a_password_if_none_is_given(self, client: Client, admin: Account) -> None:
        body = registration(password=None)

        created = (await client.post(USERS, json=body, headers=admin.headers)).json()

        credentials = {"email": body["email"], "password": created["generated_password"]}
        login = await client.post("/api/v1/login", json=credentials)
        assert (login.status_code, login.json()["must_change_password"]) == (200, True)
        seen = (await client.get(f"{USERS}/{created['id']}", headers=admin.headers)).json()
        assert "generated_password" not in seen

    async def test_holds_to_the_rules_of_registration(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        await make_user(db, email="anna@example.com")

        taken = await client.post(USERS, json=registration(email="ANNA@example.com"), headers=admin.headers)
        incomplete = await client.post(USERS, json=registration(user_type="legal"), headers=admin.headers)

        assert code(taken) == (409, "email-taken")
        assert code(incomplete) == (422, "validation-failed")
        assert await count(db, User) == 2

    async def test_is_written_down_without_the_password(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        body = registration(password=NEW_PASSWORD)
        created = await client.post(USERS, json=body, headers={**admin.headers, "X-Request-ID": "request-9"})

        (act,) = await all_acts(db)
        assert (act.action, act.actor_id, act.object_id) == (
            "user.created",
            admin.id,
            created.json()["id"],
        )
        assert (act.request_id, act.before, act.address) == ("request-9", None, "127.0.0.1")
        assert act.after is not None
        assert act.after["email"] == body["email"]
        assert NEW_PASSWORD not in str(act.after)


class TestChangeUser:
    async def test_changes_what_was_sent_and_writes_it_down(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        user = await make_user(db)
        await make_profile(db, user=user, city="Tula", street="Mira")

        response = await client.patch(
            f"{USERS}/{user.id}", json={"city": "Omsk", "street": None}, headers=admin.headers
        )

        assert response.status_code == 200
        assert (response.json()["city"], response.json()["street"]) == ("Omsk", None)
        (act,) = await all_acts(db)
        assert (act.action, act.before, act.after) == (
            "user.changed",
            {"city": "Tula", "street": "Mira"},
            {"city": "Omsk", "street": None},
        )

    async def test_changing_nothing_is_not_written_down(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        user = await make_user(db)

        response = await client.patch(
            f"{USERS}/{user.id}", json={"status": "active", "is_admin": False}, headers=admin.headers
        )

        assert response.status_code == 200
        assert await all_acts(db) == []

    @pytest.mark.parametrize(
        "changes",
        [{"status": "blocked"}, {"email": "other@example.com"}, {"password": NEW_PASSWORD}],
        ids=["blocked", "another address", "another password"],
    )
    async def test_ends_all_that_was_signed_in(
        self, client: Client, as_user: MakeAccount, admin: Account, changes: dict[str, str]
    ) -> None:
        account = await as_user()

        await client.patch(f"{USERS}/{account.id}", json=changes, headers=admin.headers)

        assert (await client.get("/api/v1/profile", headers=account.headers)).status_code == 401
        refreshed = await client.post(
            "/api/v1/refresh", headers={"Cookie": f"millwright_refresh={account.tokens.refresh_token}"}
        )
        assert refreshed.status_code == 401

    async def test_a_demoted_administrator_may_nothing_at_once(
        self, client: Client, as_admin: MakeAccount, admin: Account
    ) -> None:
        other = await as_admin()

        await client.patch(f"{USERS}/{other.id}", json={"is_admin": False}, headers=admin.headers)

        assert (await client.get(USERS, headers=other.headers)).status_code in {401, 403}

    async def test_a_password_set_here_has_to_be_changed(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        user = await make_user(db)

        await client.patch(f"{USERS}/{user.id}", json={"password": NEW_PASSWORD}, headers=admin.headers)

        login = await client.post("/api/v1/login", json={"email": user.email, "password": NEW_PASSWORD})
        assert login.json()["must_change_password"] is True
        (act,) = await all_acts(db)
        assert act.after == {"must_change_password": True, "password": "set"}

    @pytest.mark.parametrize(
        "changes",
        [{"password": "Rybkina-1990"}, {"password": "Vinogradova1", "full_name": "Zlata Vinogradova"}],
        ids=["of his profile", "of what his profile is to become"],
    )
    async def test_a_password_made_of_his_own_data_is_refused(
        self, client: Client, db: Database, admin: Account, changes: dict[str, str]
    ) -> None:
        user = await make_user(db)
        await make_profile(db, user=user, full_name="Zlata Rybkina")

        response = await client.patch(f"{USERS}/{user.id}", json=changes, headers=admin.headers)

        assert response.status_code == 422
        assert [error["code"] for error in response.json()["errors"]] == ["personal-password"]

    async def test_a_blocked_user_can_be_let_in_again(
        self, client: Client, db: Database, admin: Account
    ) -> None:
        user = await make_user(db)
        credentials = {"email": user.email, "password": PASSWORD}

        await client.patch(f"{USERS}/{user.id}", json={"status": "blocked"}, headers=admin.headers)
        refused = await client.post("/api/v1/login", json=credentials)
        await client.patch(f"{USERS}/{user.id}", json={"status": "active"}, headers=admin.headers)
        accepted = await client.post("/api/v1/login", json=credentials)

        assert code(refused) == (401, "login-refused")
        assert accepted.status_code == 200

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"email": "BORIS@example.com"}, (409, "email-taken")),
            ({"username": "Boris"}, (409, "username-taken")),
            ({"password": "12345678"}, (422, "validation-failed")),
            ({"user_type": "legal"}, (422, "validation-failed")),
            ({"status": "deleted"}, (422, "validation-failed")),
            ({"is_admin": None}, (422, "validation-failed")),
            ({"token_version": 7}, (422, "validation-failed")),
        ],
        ids=str,
    )
    async def test_refuses_and_changes_nothing(
        self,
        client: Client,
        db: Database,
        admin: Account,
        changes: dict[str, Any],
        refusal: tuple[int, str],
    ) -> None:
        await make_user(db, email="boris@example.com", username="boris")
        user = await make_user(db)
        await make_profile(db, user=user)
        before = (await client.get(f"{USERS}/{user.id}", headers=admin.headers)).json()

        response = await client.patch(
            f"{USERS}/{user.id}", json={"city": "Tula", **changes}, headers=admin.headers
        )

        assert code(response) == refusal
        assert (await client.get(f"{USERS}/{user.id}", headers=admin.headers)).json() == before
        assert await all_acts(db) == []


class TestTheLastAdministrator:
    @pytest.mark.parametrize(
        ("method", "body"),
        [("PATCH", {"is_admin": False}), ("PATCH", {"status": "blocked"}), ("DELETE", None)],
    )
    async def test_stays(
        self, client: Client, db: Database, admin: Account, method: str, body: dict[str, Any] | None
    ) -> None:
        await make_user(db, is_admin=True, status=UserStatus.blocked)

        response = await client.request(method, f"{USERS}/{admin.id}", json=body, headers=admin.headers)

        assert response.status_code == 409
        kept = await reload(db, admin.id)
        assert (kept.is_admin, kept.status) == (True, UserStatus.active)

    async def test_of_two_one_may_step_down(
        self, client: Client, as_admin: MakeAccount, admin: Account
    ) -> None:
        await as_admin()

        response = await client.patch(f"{USERS}/{admin.id}", json={"is_admin": False}, headers=admin.headers)

        assert (response.status_code, response.json()["is_admin"]) == (200, False)

    async def test_two_who_demote_each_other_leave_one(self, live: Database, live_client: Client) -> None:
        users = [await make_user(live, is_admin=True) for _ in range(2)]
        headers = [await signed_in(live_client, user) for user in users]

        answers = await asyncio.gather(
            *(
                live_client.patch(
                    f"{USERS}/{users[1 - n].id}",
                    json={"is_admin": False},
                    headers=headers[n],
                )
                for n in range(2)
            )
        )

        left = [user for user in users if (await reload(live, user.id)).is_admin]
        assert len(left) == 1
        assert min(answer.status_code for answer in answers) == 200

    async def test_many_who_remove_each_other_leave_one_and_wait_for_nobody(
        self, live: Database, live_client: Client
    ) -> None:
        users = [await make_user(live, is_admin=True) for _ in range(3)]
        headers = [await signed_in(live_client, user) for user in users]

        answers = await asyncio.gather(
            *(
                live_client.request(method, f"{USERS}/{other.id}", json=body, headers=own)
                for own in headers
                for other in users
                for method, body in (("PATCH", {"is_admin": False}), ("DELETE", None))
            )
        )

        left = [await reload(live, user.id) for user in users]
        assert len([user for user in left if user.is_admin and user.is_active]) == 1
        refused = {code(answer) for answer in answers if not answer.is_success}
        assert {name for _, name in refused} <= {
            "unauthenticated",
            "forbidden",
            "own-account",
            "last-administrator",
        }

    @pytest.mark.parametrize(("method", "body"), [("PATCH", {"status": "blocked"}), ("DELETE", None)])
    async def test_nobody_shuts_himself_out(
        self,
        client: Client,
        as_admin: MakeAccount,
        admin: Account,
        method: str,
        body: dict[str, Any] | None,
    ) -> None:
        await as_admin()

        response = await client.request(method, f"{USERS}/{admin.id}", json=body, headers=admin.headers)

        assert code(response) == (409, "own-account")


class TestDeleteAndRestore:
    async def test_a_deleted_user_is_out_and_can_come_back(
        self, client: Client, db: Database, as_user: MakeAccount, admin: Account
    ) -> None:
        account = await as_user()
        credentials = {"email": account.user.email, "password": PASSWORD}

        deleted = await client.delete(f"{USERS}/{account.id}", headers=admin.headers)
        seen = (await client.get(f"{USERS}/{account.id}", headers=admin.headers)).json()
        shut_out = await client.get("/api/v1/profile", headers=account.headers)
        refused = await client.post("/api/v1/login", json=credentials)
        restored = await client.post(f"{USERS}/{account.id}/restore", headers=admin.headers)
        accepted = await client.post("/api/v1/login", json=credentials)

        assert (deleted.status_code, seen["status"], shut_out.status_code) == (204, "deleted", 401)
        assert (refused.status_code, restored.json()["status"], accepted.status_code) == (401, "active", 200)
        assert [act.action for act in await all_acts(db)] == ["user.deleted", "user.restored"]

    async def test_twice_is_as_good_as_once(self, client: Client, db: Database, admin: Account) -> None:
        user = await make_user(db)

        answers = [await client.delete(f"{USERS}/{user.id}", headers=admin.headers) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [204, 204]
        assert len(await all_acts(db)) == 1


OF_A_USER = {
    "api_keys.user_id",
    "documents.owner_id",
    "email_links.user_id",
    "file_imports.owner_id",
    "files.owner_id",
    "orders.owner_id",
    "profiles.user_id",
    "sessions.user_id",
    "uploads.owner_id",
}
"""What `Erasure` and `AccountService.erase` remove; who adds a table that points at users adds a step."""


def test_every_table_that_hangs_on_users_is_erased_with_them() -> None:
    pointing = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    }

    assert pointing == OF_A_USER


class TestEraseUser:
    async def test_wants_the_user_deleted_first(self, client: Client, db: Database, admin: Account) -> None:
        user = await make_user(db)

        response = await client.delete(f"{USERS}/{user.id}/hard", headers=admin.headers)

        assert code(response) == (409, "not-deleted")
        assert (await reload(db, user.id)).is_active

    async def test_removes_all_that_hangs_on_him_and_nothing_else(
        self, client: Client, db: Database, resources: Resources, admin: Account
    ) -> None:
        gone, kept = [await _user_with_everything(client, db, resources) for _ in range(2)]
        await client.delete(f"{USERS}/{gone.id}", headers=admin.headers)

        response = await client.delete(f"{USERS}/{gone.id}/hard", headers=admin.headers)

        assert response.status_code == 204
        await run_jobs(resources)
        for model, left in ((Profile, 1), (File, 1), (Order, 1), (ApiKey, 1), (IdempotencyRecord, 1)):
            assert await count(db, model) == left, model
        assert await count(db, User) == 2
        async with db.reading() as session:
            owners = set(await session.scalars(select(Session.user_id)))
            (content,) = await session.scalars(select(Content))
        assert owners == {admin.id, kept.id}
        assert await resources.get(Storage).keys("files") == [content.storage_key]
        assert (await client.get(f"{USERS}/{gone.id}", headers=admin.headers)).status_code == 404

    async def test_no_job_remembers_his_address(self, client: Client, db: Database, admin: Account) -> None:
        gone, kept = await make_user(db), await make_user(db)
        for user in (gone, kept):
            await client.post("/api/v1/password/send-recovery", json={"email": user.email})
        await client.delete(f"{USERS}/{gone.id}", headers=admin.headers)

        await client.delete(f"{USERS}/{gone.id}/hard", headers=admin.headers)

        async with db.reading() as session:
            written = str(list(await session.scalars(select(OutboxMessage.payload))))
        assert (gone.email in written, kept.email in written) == (False, True)

    async def test_leaves_the_audit_log(self, client: Client, db: Database, admin: Account) -> None:
        user = await make_user(db)
        await client.delete(f"{USERS}/{user.id}", headers=admin.headers)

        await client.delete(f"{USERS}/{user.id}/hard", headers=admin.headers)

        acts = await all_acts(db)
        assert [(act.action, act.object_id) for act in acts] == [
            ("user.deleted", str(user.id)),
            ("user.erased", str(user.id)),
        ]
        assert await count(db, AuditRecord) == 2


async def _user_with_everything(client: Client, db: Database, resources: Resources) -> Account:
    account = await account_of(resources, await make_user(db))
    await make_profile(db, user=account.user)
    file = await make_file(resources, owner_id=account.id)
    order = {"service_id": "cnc-milling", "material_id": "alum_D16", "file_id": str(file.id)}
    placed = await client.post(
        "/api/v1/orders", json=order, headers={**account.headers, "Idempotency-Key": str(uuid4())}
    )
    assert placed.status_code == 201, placed.text
    key = {"name": "robot", "scopes": ["orders:read"]}
    assert (await client.post("/api/v1/api-keys", json=key, headers=account.headers)).status_code == 201
    return account


class TestWhatHeHas:
    async def test_his_files_and_orders_and_nobody_elses(
        self, client: Client, db: Database, resources: Resources, admin: Account
    ) -> None:
        one, _ = [await _user_with_everything(client, db, resources) for _ in range(2)]

        files = (await client.get(f"{USERS}/{one.id}/files", headers=admin.headers)).json()
        orders = (await client.get(f"{USERS}/{one.id}/orders", headers=admin.headers)).json()

        assert (files["total"], orders["total"]) == (1, 1)
        assert orders["items"][0]["file_id"] == files["items"][0]["id"]
