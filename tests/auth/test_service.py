import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import guesses, key_ring, letter_desk, session_service
from app.auth.errors import EmailTaken, LoginRefused, UsernameTaken, WrongPassword
from app.auth.first_admin import FILE_NAME
from app.auth.identity import Identity
from app.auth.models import Session, User, UserStatus
from app.auth.own_words import OwnWords, words_over
from app.auth.repository import UserRepository
from app.auth.schemas import Login, PasswordChange
from app.auth.service import AuthService
from app.auth.sessions import Access, SignedIn
from app.core.caller import Caller
from app.core.config import AdminSection, Settings
from app.core.db import Database
from app.core.offload import Offload
from app.core.resources import Resources
from app.core.security import PasswordHasher
from tests.factories.auth import PASSWORD, make_session, make_user

ADMIN = "admin@localhost.localdomain"
HERE = Caller("192.0.2.1", "tests")


class CountingHasher(PasswordHasher):
    """The real hasher, counting how often a password was checked in full."""

    checked = 0

    async def verify(self, password: str, password_hash: str) -> bool:
        self.checked += 1
        return await super().verify(password, password_hash)


class InterruptedHasher(PasswordHasher):
    """While this one works, somebody else changes the account."""

    def __init__(self, offload: Offload, database: Database, user: User, **values: object) -> None:
        super().__init__(offload, rounds=4)
        self._database, self._user, self._values = database, user, values

    async def verify(self, password: str, password_hash: str) -> bool:
        matches = await super().verify(password, password_hash)
        async with self._database.transaction() as session:
            await session.execute(update(User).where(User.id == self._user.id).values(**self._values))
        return matches


@pytest.fixture
async def offload() -> AsyncIterator[Offload]:
    pool = Offload("passwords")
    yield pool
    await pool.close()


class Accounts:
    """The service as a request or a starting process uses it: one unit of work per call."""

    def __init__(self, resources: Resources, database: Database, hasher: PasswordHasher) -> None:
        self.resources = resources
        self.database = database
        self.hasher = hasher
        self.admin = AdminSection(email=ADMIN)

    def _service(self, session: AsyncSession) -> AuthService:
        return AuthService(
            UserRepository(session),
            session_service(self.resources, session),
            self.hasher,
            guesses(self.resources),
            letter_desk(self.resources, session),
            words_over(self.resources.get(OwnWords), session),
            key_ring(session),
            self.resources.get(Settings).model_copy(update={"admin": self.admin}),
        )

    async def create(self, email: str, username: str | None = None) -> User:
        async with self.database.transaction() as session:
            return await self._service(session).create(email=email, password=PASSWORD, username=username)

    async def login(self, email: str, password: str = PASSWORD) -> SignedIn:
        async with self.database.transaction() as session:
            return await self._service(session).login(Login(email=email, password=password), HERE)

    async def change_password(self, identity: Identity, change: PasswordChange) -> Access:
        async with self.database.transaction() as session:
            return await self._service(session).change_password(identity, change, HERE)

    async def ensure_first_admin(self, data_dir: Path) -> Path | None:
        async with self.database.transaction() as session:
            return await self._service(session).ensure_first_admin(data_dir)


@pytest.fixture
def accounts(resources: Resources, db: Database) -> Accounts:
    return Accounts(resources, db, resources.get(PasswordHasher))


async def users_of(database: Database) -> list[User]:
    async with database.reading() as session:
        return list(await session.scalars(select(User)))


def written(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class TestCreate:
    async def test_keeps_the_address_as_it_was_written(self, accounts: Accounts, db: Database) -> None:
        await accounts.create("Anna@Example.com", "Anna.P")

        (user,) = await users_of(db)
        assert (user.email, user.email_key) == ("Anna@Example.com", "anna@example.com")
        assert (user.username, user.username_key) == ("Anna.P", "anna.p")
        assert (user.status, user.is_admin, user.token_version) == (UserStatus.active, False, 1)
        assert PASSWORD not in user.password_hash

    @pytest.mark.parametrize("status", UserStatus)
    async def test_an_address_belongs_to_one_account_whatever_the_case(
        self, accounts: Accounts, db: Database, status: UserStatus
    ) -> None:
        await make_user(db, email="anna@example.com", status=status)

        with pytest.raises(EmailTaken):
            await accounts.create("ANNA@example.com")

    async def test_so_does_a_user_name(self, accounts: Accounts, db: Database) -> None:
        await make_user(db, username="anna")

        with pytest.raises(UsernameTaken):
            await accounts.create("other@example.com", "Anna")
        assert len(await users_of(db)) == 1

    async def test_of_many_at_once_one_gets_the_address(self, resources: Resources, live: Database) -> None:
        accounts = Accounts(resources, live, resources.get(PasswordHasher))

        outcomes = await asyncio.gather(
            *(accounts.create("anna@example.com") for _ in range(5)), return_exceptions=True
        )

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["EmailTaken"] * 4 + ["User"]
        assert len(await users_of(live)) == 1


class TestLogin:
    @pytest.mark.parametrize("account", ["unknown", "wrong", "blocked", "long", "right"])
    async def test_checks_one_password_whatever_the_account(
        self, resources: Resources, db: Database, offload: Offload, account: str
    ) -> None:
        hasher = CountingHasher(offload, rounds=4)
        status = UserStatus.blocked if account == "blocked" else UserStatus.active
        user = await make_user(db, status=status)
        email = "nobody@example.com" if account == "unknown" else user.email
        password = {"wrong": "wrong", "long": "x" * 1000}.get(account, PASSWORD)

        try:
            await Accounts(resources, db, hasher).login(email, password)
        except LoginRefused:
            assert account != "right"

        assert hasher.checked == 1

    async def test_stores_a_new_hash_when_the_cost_has_changed(
        self, resources: Resources, db: Database, offload: Offload
    ) -> None:
        user = await make_user(db)
        dearer = Accounts(resources, db, PasswordHasher(offload, rounds=5))

        await dearer.login(user.email)
        await dearer.login(user.email)

        (stored,) = await users_of(db)
        assert "r=5$" in stored.password_hash

    @pytest.mark.parametrize(
        "values", [{"status": UserStatus.blocked}, {"password_hash": "$another$"}], ids=["blocked", "changed"]
    )
    async def test_what_happened_while_it_was_checking_counts(
        self, resources: Resources, live: Database, offload: Offload, values: dict[str, object]
    ) -> None:
        user = await make_user(live)
        hasher = InterruptedHasher(offload, live, user, **values)

        with pytest.raises(LoginRefused):
            await Accounts(resources, live, hasher).login(user.email)

        async with live.reading() as session:
            assert (await session.scalars(select(Session))).all() == []


class TestChangePassword:
    async def test_of_two_changes_at_once_the_second_is_refused(
        self, resources: Resources, live: Database, offload: Offload
    ) -> None:
        user = await make_user(live)
        session = await make_session(live, user=user)
        identity = Identity(user.id, None, user.email, False, session.id, False)
        hasher = InterruptedHasher(offload, live, user, password_hash="$another$")

        with pytest.raises(WrongPassword):
            await Accounts(resources, live, hasher).change_password(
                identity, PasswordChange(old=PASSWORD, new="another password")
            )

        (stored,) = await users_of(live)
        assert stored.password_hash == "$another$"


class TestFirstAdmin:
    async def test_finds_his_password_in_a_file_only_we_can_read(
        self, accounts: Accounts, db: Database, data_dir: Path
    ) -> None:
        path = await accounts.ensure_first_admin(data_dir / "new")

        assert path == data_dir / "new" / FILE_NAME
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        lines = dict(line.split(": ", 1) for line in path.read_text().splitlines()[:2])
        assert lines["email"] == ADMIN
        assert (await accounts.login(ADMIN, lines["password"])).must_change_password
        (user,) = await users_of(db)
        assert user.is_admin

    async def test_is_made_once(self, accounts: Accounts, db: Database, data_dir: Path) -> None:
        path = await accounts.ensure_first_admin(data_dir)
        assert path is not None
        text = path.read_text()

        assert await accounts.ensure_first_admin(data_dir) is None

        assert path.read_text() == text
        assert len(await users_of(db)) == 1

    async def test_with_a_given_password_is_told_nothing(self, accounts: Accounts, data_dir: Path) -> None:
        accounts.admin = AdminSection(email=ADMIN, password=SecretStr("chosen by the owner"))

        assert await accounts.ensure_first_admin(data_dir) is None

        assert written(data_dir) == []
        assert not (await accounts.login(ADMIN, "chosen by the owner")).must_change_password

    async def test_a_file_left_behind_is_replaced_and_closed(
        self, accounts: Accounts, data_dir: Path
    ) -> None:
        (data_dir / FILE_NAME).write_text("password: of a start that failed")
        (data_dir / FILE_NAME).chmod(0o644)

        path = await accounts.ensure_first_admin(data_dir)

        assert path is not None
        assert "failed" not in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    async def test_a_customer_is_never_promoted(
        self, accounts: Accounts, db: Database, data_dir: Path
    ) -> None:
        await make_user(db, email=ADMIN)

        assert await accounts.ensure_first_admin(data_dir) is None

        (user,) = await users_of(db)
        assert not user.is_admin

    async def test_of_processes_starting_at_once_one_makes_him(
        self, resources: Resources, live: Database, data_dir: Path
    ) -> None:
        accounts = Accounts(resources, live, resources.get(PasswordHasher))

        made = await asyncio.gather(*(accounts.ensure_first_admin(data_dir) for _ in range(4)))

        assert len([path for path in made if path is not None]) == 1
        assert len(await users_of(live)) == 1
        password = (data_dir / FILE_NAME).read_text().splitlines()[1].removeprefix("password: ")
        assert await accounts.login(ADMIN, password) is not None
