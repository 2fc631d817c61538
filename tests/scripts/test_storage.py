import asyncio
import os
from pathlib import Path

import pytest

from app.core.db import Database
from app.core.resources import Resources
from app.core.sections import StorageSection
from app.core.storage import Storage
from app.files.incoming import in_pieces
from app.uploads.body import Body
from app.uploads.dependencies import build_uploads
from scripts.stored import command
from tests.factories.auth import make_user
from tests.factories.files import STEP, make_file, stl


@pytest.fixture(params=["folder", "s3"])
def settings_of_storage(request: pytest.FixtureRequest, tmp_path: Path) -> StorageSection:
    if request.param == "folder":
        return StorageSection(url=str(tmp_path / "files"))
    found: StorageSection = request.getfixturevalue("s3_settings")
    return found


@pytest.fixture
def storage(settings_of_storage: StorageSection, live: Database, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The store of the installation the command finds in its environment."""
    monkeypatch.setenv("MILLWRIGHT_DATABASE__URL", live.engine.url.render_as_string(hide_password=False))
    values = settings_of_storage.model_dump(include={"url", "endpoint", "region", "access_key"})
    values["secret_key"] = settings_of_storage.secret_key.get_secret_value()
    for name, value in values.items():
        monkeypatch.setenv(f"MILLWRIGHT_STORAGE__{name.upper()}", value)
    return Storage.of(settings_of_storage)


@pytest.fixture
async def keys(live: Database, live_resources: Resources, storage: Storage) -> list[str]:
    """Where the bytes of three files are."""
    user = await make_user(live)
    found: list[str] = []
    for content in (STEP, stl(), stl(9)):
        before = set(await storage.keys())
        await make_file(live_resources, owner_id=user.id, content=content)
        found += set(await storage.keys()) - before
    return found


async def check(*arguments: str) -> int:
    return await asyncio.to_thread(command.main, ["check", *arguments])


class TestCheck:
    async def test_a_sound_storage_is_said_to_be_so(
        self, keys: list[str], live: Database, live_resources: Resources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        uploads = build_uploads(live_resources)
        upload = await uploads.begin((await make_user(live)).id, 100, "")
        await uploads.append(upload.owner_id, upload.id, 0, Body(in_pieces(b"half")))

        assert await check() == 0

        assert "4 contents, pieces and pictures" in capsys.readouterr().out

    async def test_names_what_is_lost_and_what_is_damaged(
        self, keys: list[str], storage: Storage, capsys: pytest.CaptureFixture[str]
    ) -> None:
        await storage.delete(keys[0])
        await storage.put_stream(keys[1], in_pieces(stl()[:-1] + b"x"))
        await storage.put_stream(keys[2], in_pieces(b"cut"))

        assert await check() == 1
        whole = capsys.readouterr()
        assert await check("--quick") == 1
        quick = capsys.readouterr()

        lost, damaged, cut = f"LOST: {keys[0]}", f"DAMAGED: {keys[1]}", f"DAMAGED: {keys[2]}"
        assert set(whole.err.splitlines()) == {lost, damaged, cut}
        assert "1 lost, 2 damaged, 0 orphaned" in whole.out
        assert set(quick.err.splitlines()) == {lost, cut}

    async def test_a_storage_that_does_not_answer_is_a_sentence(
        self, keys: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MILLWRIGHT_STORAGE__URL", "s3://nowhere")
        monkeypatch.setenv("MILLWRIGHT_STORAGE__ENDPOINT", "http://127.0.0.1:9")

        assert await check() == 1

        assert "cannot be used at the moment" in capsys.readouterr().err

    async def test_a_setting_that_makes_no_sense_is_a_sentence(
        self, keys: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MILLWRIGHT_STORAGE__COLOUR", "green")

        assert await check() == 1

        assert capsys.readouterr().err == "MILLWRIGHT_STORAGE__COLOUR: there is no such setting\n"


async def test_bytes_of_no_row_are_orphaned_once_no_row_can_come(
    live: Database,
    live_resources: Resources,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MILLWRIGHT_DATABASE__URL", live.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("MILLWRIGHT_STORAGE__URL", str(tmp_path / "files"))
    storage = Storage.at(str(tmp_path / "files"))
    for key in ("files/old", "files/young"):
        await storage.put_stream(key, in_pieces(b"whose?"))
    os.utime(tmp_path / "files" / "files" / "old", (0, 0))

    assert await check() == 1

    assert capsys.readouterr().err == "ORPHANED: files/old\n"
