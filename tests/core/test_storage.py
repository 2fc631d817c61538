import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest

from app.core.errors import StorageFull
from app.core.sections import StorageSection
from app.core.storage import BlobMissing, Storage, StorageUnavailable
from tests.support.stores import s3_client

MIB = 1024 * 1024


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(storage: Storage, key: str, byte_range: tuple[int, int] | None = None) -> bytes:
    return b"".join([chunk async for chunk in await storage.open(key, byte_range)])


def files_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=["folder", "file-url", "memory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        return Storage.of(request.getfixturevalue("s3_settings"))
    addresses = {"folder": str(tmp_path / "a"), "file-url": f"file://{tmp_path}/b", "memory": "memory://"}
    return Storage.at(addresses[request.param])


class TestPutStream:
    async def test_gives_back_what_was_stored(self, storage: Storage) -> None:
        size = await storage.put_stream("ab/cd", chunks(b"one", b"", b"two"))

        assert size == 6
        assert await storage.size("ab/cd") == 6
        assert await read(storage, "ab/cd") == b"onetwo"

    async def test_stores_more_than_one_part(self, storage: Storage) -> None:
        content = bytes(range(256)) * (12 * MIB // 256)

        await storage.put_stream(
            "big", chunks(*(content[at : at + MIB] for at in range(0, len(content), MIB)))
        )

        assert await read(storage, "big") == content

    async def test_stores_nothing_at_all_as_an_empty_blob(self, storage: Storage) -> None:
        assert await storage.put_stream("empty", chunks()) == 0

        assert await storage.size("empty") == 0

    async def test_replaces_what_was_there(self, storage: Storage) -> None:
        await storage.put_stream("key", chunks(b"old content"))
        await storage.put_stream("key", chunks(b"new"))

        assert await read(storage, "key") == b"new"

    @pytest.mark.parametrize("before_mib", [0, 1, 12])
    async def test_leaves_nothing_when_the_source_fails(self, tmp_path: Path, before_mib: int) -> None:
        async def broken() -> AsyncIterator[bytes]:
            for _ in range(before_mib):
                yield bytes(MIB)
            raise LookupError("the client went away")

        with pytest.raises(LookupError, match="went away"):
            await Storage.at(str(tmp_path)).put_stream("ab/key", broken())

        assert files_under(tmp_path) == []

    @pytest.mark.parametrize("before_mib", [0, 12])
    async def test_leaves_nothing_when_the_caller_is_cancelled(self, tmp_path: Path, before_mib: int) -> None:
        waiting, closed = asyncio.Event(), asyncio.Event()

        async def stalled() -> AsyncIterator[bytes]:
            for _ in range(before_mib):
                yield bytes(MIB)
            waiting.set()
            try:
                await asyncio.Event().wait()
            finally:
                closed.set()

        storing = asyncio.create_task(Storage.at(str(tmp_path)).put_stream("ab/key", stalled()))
        await waiting.wait()
        storing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await storing

        assert closed.is_set()
        assert files_under(tmp_path) == []

    async def test_a_failed_replacement_keeps_the_old_content(self, storage: Storage) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield b"half"
            raise LookupError

        await storage.put_stream("key", chunks(b"whole"))
        with contextlib.suppress(LookupError):
            await storage.put_stream("key", broken())

        assert await read(storage, "key") == b"whole"


class TestFullDisk:
    async def test_a_source_without_room_is_storage_full(self, storage: Storage) -> None:
        async def spooled() -> AsyncIterator[bytes]:
            yield b"a"
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(StorageFull):
            await storage.put_stream("key", spooled())

        assert not await storage.exists("key")

    async def test_a_store_without_room_is_storage_full(
        self, storage: Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def full(*_: Any, **__: Any) -> None:
            raise obstore.exceptions.GenericError(
                "Unable to copy data to file: No space left on device (os error 28)"
            )

        monkeypatch.setattr(obstore, "put_async", full)

        with pytest.raises(StorageFull):
            await storage.put_stream("key", chunks(b"a"))

    async def test_any_other_failure_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "ab").write_text("a file where a folder should be")

        with pytest.raises(StorageUnavailable):
            await Storage.at(str(tmp_path)).put_stream("ab/key", chunks(b"a"))


class TestOpen:
    async def test_reads_a_range(self, storage: Storage) -> None:
        await storage.put_stream("key", chunks(b"0123456789"))

        assert await read(storage, "key", (2, 5)) == b"234"

    async def test_a_range_ends_where_the_content_does(self, storage: Storage) -> None:
        await storage.put_stream("key", chunks(b"0123456789"))

        assert await read(storage, "key", (8, 99)) == b"89"

    async def test_what_is_cut_while_it_is_read_is_no_end(self, tmp_path: Path) -> None:
        storage = Storage.at(str(tmp_path))
        await storage.put_stream("key", chunks(bytes(MIB)))
        content = await storage.open("key")
        (tmp_path / "key").write_bytes(b"cut")

        with pytest.raises(StorageUnavailable):
            _ = [chunk async for chunk in content]

    async def test_yields_bounded_chunks(self, tmp_path: Path) -> None:
        storage = Storage.at(str(tmp_path))
        await storage.put_stream("key", chunks(bytes(3 * MIB)))

        sizes = [len(chunk) async for chunk in await storage.open("key")]

        assert sum(sizes) == 3 * MIB
        assert max(sizes) <= MIB

    async def test_missing_is_told_before_reading(self, storage: Storage) -> None:
        with pytest.raises(BlobMissing):
            await storage.open("nothing/here")
        with pytest.raises(BlobMissing):
            await storage.open("nothing/here", (0, 1))
        with pytest.raises(BlobMissing):
            await storage.size("nothing/here")
        assert not await storage.exists("nothing/here")

    async def test_never_leaves_its_folder(self, tmp_path: Path) -> None:
        (tmp_path / "outside").write_text("secret")

        with pytest.raises(ValueError, match="path"):
            await Storage.at(str(tmp_path / "inside")).open("../outside")


class TestMoveAndDelete:
    async def test_moves_over_what_was_there(self, storage: Storage) -> None:
        await storage.put_stream("incoming/1", chunks(b"new"))
        await storage.put_stream("ab/final", chunks(b"old"))

        await storage.move("incoming/1", "ab/final")

        assert await read(storage, "ab/final") == b"new"
        assert not await storage.exists("incoming/1")

    async def test_moving_nothing_is_missing(self, storage: Storage) -> None:
        with pytest.raises(BlobMissing):
            await storage.move("incoming/1", "ab/final")

    async def test_deletes_once_and_again(self, storage: Storage) -> None:
        await storage.put_stream("key", chunks(b"a"))

        await storage.delete("key")
        await storage.delete("key")

        assert not await storage.exists("key")


class TestRemoveUnfinished:
    async def test_removes_old_pieces_and_nothing_else(self, tmp_path: Path) -> None:
        storage = Storage.at(str(tmp_path))
        await storage.put_stream("ab/whole", chunks(b"whole"))
        for name in ("ab/old#1", "ab/young#2", "ab/no#piece"):
            (tmp_path / name).write_bytes(b"half")
        for name in ("ab/whole", "ab/old#1", "ab/no#piece"):
            os.utime(tmp_path / name, (0, 0))

        assert await storage.remove_unfinished(timedelta(hours=1)) == 1

        assert files_under(tmp_path) == ["ab/no#piece", "ab/whole", "ab/young#2"]

    async def test_has_nothing_to_do_elsewhere(self) -> None:
        assert await Storage.at("memory://").remove_unfinished(timedelta(0)) == 0


class TestLostFolder:
    @pytest.fixture
    async def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "files"
        await Storage.at(str(folder)).put_stream("ab/key", chunks(b"content"))
        return folder

    @pytest.fixture(params=["nothing", "an empty folder"])
    def lost(self, request: pytest.FixtureRequest, folder: Path) -> Storage:
        """A storage whose folder went elsewhere, and what is left in its place."""
        storage = Storage.at(str(folder))
        folder.rename(folder.with_name("elsewhere"))
        if request.param == "an empty folder":
            folder.mkdir()
        return storage

    async def test_is_unavailable_to_everybody(self, lost: Storage) -> None:
        for asking in (
            lost.ping(),
            lost.size("ab/key"),
            lost.exists("ab/key"),
            lost.open("ab/key"),
            lost.put_stream("ab/other", chunks(b"a")),
            lost.move("ab/key", "ab/other"),
            lost.delete("ab/key"),
            lost.keys(),
        ):
            with pytest.raises(StorageUnavailable):
                await asking

    async def test_is_not_made_anew(self, lost: Storage, folder: Path) -> None:
        with pytest.raises(StorageUnavailable):
            await lost.put_stream("ab/other", chunks(b"a"))

        assert files_under(folder) == []

    async def test_is_used_again_once_it_is_back(self, lost: Storage, folder: Path) -> None:
        folder.with_name("elsewhere").rename(folder)

        await lost.ping()
        await lost.put_stream("ab/other", chunks(b"more"))

        assert [await read(lost, key) for key in ("ab/key", "ab/other")] == [b"content", b"more"]

    async def test_is_used_again_as_a_copy(self, lost: Storage, folder: Path) -> None:
        shutil.copytree(folder.with_name("elsewhere"), folder, dirs_exist_ok=True)

        await lost.ping()

        assert await read(lost, "ab/key") == b"content"


class TestObjectStore:
    async def test_a_broken_upload_leaves_nothing_unfinished_in_the_bucket(
        self, s3_settings: StorageSection
    ) -> None:
        async def broken() -> AsyncIterator[bytes]:
            for _ in range(12):
                yield bytes(MIB)
            raise LookupError

        with contextlib.suppress(LookupError):
            await Storage.of(s3_settings).put_stream("files/key", broken())

        bucket = s3_settings.url.split("/")[2]
        left = s3_client(s3_settings.endpoint).list_multipart_uploads(Bucket=bucket)
        assert "Uploads" not in left

    async def test_a_caller_who_leaves_leaves_nothing(self, s3_settings: StorageSection) -> None:
        storage, waiting = Storage.of(s3_settings), asyncio.Event()

        async def stalled() -> AsyncIterator[bytes]:
            yield bytes(6 * MIB)
            waiting.set()
            await asyncio.Event().wait()

        storing = asyncio.create_task(storage.put_stream("files/key", stalled()))
        await waiting.wait()
        storing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await storing

        assert await storage.keys() == []

    async def test_what_is_larger_than_a_part_comes_back_whole(self, s3_settings: StorageSection) -> None:
        storage, content = Storage.of(s3_settings), bytes(range(256)) * (11 * MIB // 256)

        size = await storage.put_stream("files/key", chunks(content[:MIB], content[MIB:]))

        assert size == len(content)
        assert await read(storage, "files/key") == content

    async def test_that_does_not_answer_is_unavailable(self) -> None:
        nobody = StorageSection(url="s3://bucket", endpoint="http://127.0.0.1:9", access_key="a")

        with pytest.raises(StorageUnavailable):
            await Storage.of(nobody).size("files/key")

    async def test_without_its_bucket_is_not_a_missing_file(self, s3_settings: StorageSection) -> None:
        other = s3_settings.model_copy(update={"url": "s3://no-such-bucket"})

        with pytest.raises(StorageUnavailable):
            await Storage.of(other).put_stream("files/key", chunks(b"a"))
