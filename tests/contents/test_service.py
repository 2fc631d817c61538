import asyncio

import pytest

from app.contents.dependencies import build_contents
from app.contents.errors import FileTooLarge
from app.contents.repository import ContentRepository
from app.core.db import Database, after_commit
from app.core.resources import Resources
from app.core.storage import Storage, StorageUnavailable
from app.files.dependencies import build_files
from app.files.incoming import in_pieces
from app.files.schemas import FileRead
from tests.factories.auth import make_user
from tests.factories.files import STEP, make_file
from tests.support.jobs import run_jobs


@pytest.fixture
def storage(either_store: Storage) -> Storage:
    return either_store


async def bytes_of(resources: Resources, file: FileRead) -> bytes:
    async with resources.get(Database).reading() as session:
        found = await build_files(resources, session).download(None, file.id, has_link=True)
        return b"".join([chunk async for chunk in await found.open(None)])


async def remove(resources: Resources, file: FileRead, owner_id: object) -> None:
    async with resources.get(Database).transaction() as session:
        await build_files(resources, session).remove(owner_id, file.id)  # type: ignore[arg-type]


class TestSameContent:
    async def test_is_stored_once_whoever_has_it(self, live: Database, live_resources: Resources) -> None:
        anna, boris = await make_user(live), await make_user(live)

        files = [
            await make_file(live_resources, owner_id=user.id, name=f"{number}.stp")
            for number, user in enumerate((anna, boris, anna))
        ]

        assert len(await live_resources.get(Storage).keys()) == 1
        assert len({file.id for file in files}) == 3
        assert [await bytes_of(live_resources, file) for file in files] == [STEP] * 3

    async def test_that_comes_twice_at_once_is_stored_once(
        self, live: Database, live_resources: Resources
    ) -> None:
        users = [await make_user(live) for _ in range(5)]

        files = await asyncio.gather(*(make_file(live_resources, owner_id=user.id) for user in users))

        assert len(await live_resources.get(Storage).keys()) == 1
        assert [await bytes_of(live_resources, file) for file in files] == [STEP] * 5

    async def test_heals_what_the_storage_has_lost(self, live: Database, live_resources: Resources) -> None:
        anna, boris = await make_user(live), await make_user(live)
        storage = live_resources.get(Storage)
        file = await make_file(live_resources, owner_id=anna.id)
        for key in await storage.keys():
            await storage.delete(key)

        await make_file(live_resources, owner_id=boris.id)

        assert await bytes_of(live_resources, file) == STEP
        assert len(await storage.keys()) == 1


class TestDamaged:
    async def test_is_never_given_out_whole(self, live: Database, live_resources: Resources) -> None:
        file = await make_file(live_resources, owner_id=(await make_user(live)).id)
        storage = live_resources.get(Storage)
        (key,) = await storage.keys()
        await storage.put_stream(key, in_pieces(bytes([STEP[0] ^ 1]) + STEP[1:]))

        with pytest.raises(StorageUnavailable):
            await bytes_of(live_resources, file)


class TestLastOwner:
    async def test_takes_the_bytes_along_and_no_other(
        self, live: Database, live_resources: Resources
    ) -> None:
        anna, boris = await make_user(live), await make_user(live)
        storage = live_resources.get(Storage)
        files = [await make_file(live_resources, owner_id=user.id) for user in (anna, boris)]

        await remove(live_resources, files[0], anna.id)
        await run_jobs(live_resources)
        assert await bytes_of(live_resources, files[1]) == STEP
        await remove(live_resources, files[1], boris.id)
        assert len(await storage.keys("files")) == 1
        await run_jobs(live_resources)

        assert await storage.keys() == []
        async with live.reading() as session:
            assert await ContentRepository(session).stored() == []

    async def test_leaves_the_bytes_to_who_comes_before_the_job(
        self, live: Database, live_resources: Resources
    ) -> None:
        anna, boris = await make_user(live), await make_user(live)
        await remove(live_resources, await make_file(live_resources, owner_id=anna.id), anna.id)

        file = await make_file(live_resources, owner_id=boris.id)
        await run_jobs(live_resources)

        assert await bytes_of(live_resources, file) == STEP

    async def test_never_takes_the_bytes_of_who_comes_at_the_same_moment(
        self, live: Database, live_resources: Resources
    ) -> None:
        anna, boris = await make_user(live), await make_user(live)
        gone = await make_file(live_resources, owner_id=anna.id)
        await remove(live_resources, gone, anna.id)

        async with live.transaction() as session:
            contents = build_contents(live_resources, session)

            async def come() -> None:
                """After the row is gone, before its bytes are."""
                came.append(await make_file(live_resources, owner_id=boris.id))

            came: list[FileRead] = []
            after_commit(session, come)
            await contents.drop_unused(gone.sha256)

        assert await bytes_of(live_resources, came[0]) == STEP
        assert len(await live_resources.get(Storage).keys()) == 1

    async def test_of_many_at_once_never_costs_anybody_his_bytes(
        self, live: Database, live_resources: Resources
    ) -> None:
        users = [await make_user(live) for _ in range(4)]

        async def come_and_go(owner_id: object) -> None:
            for _ in range(4):
                file = await make_file(live_resources, owner_id=owner_id)  # type: ignore[arg-type]
                assert await bytes_of(live_resources, file) == STEP
                await remove(live_resources, file, owner_id)

        async def drop() -> None:
            while not come_and_gone.done():
                async with live.transaction() as session:
                    await build_contents(live_resources, session).drop_unused(sha256)
                await asyncio.sleep(0)

        sha256 = (await make_file(live_resources, owner_id=users[0].id)).sha256
        come_and_gone = asyncio.gather(*(come_and_go(user.id) for user in users[1:]))
        await asyncio.gather(come_and_gone, drop())

        assert len(await live_resources.get(Storage).keys()) == 1


class TestRefused:
    async def test_leaves_nothing(self, live: Database, live_resources: Resources) -> None:
        async def receive_too_much() -> None:
            async with live.transaction() as session:
                contents = build_contents(live_resources, session)
                await contents.receive(in_pieces(STEP), 10, refusal=FileTooLarge())

        with pytest.raises(FileTooLarge):
            await receive_too_much()

        assert await live_resources.get(Storage).keys() == []
