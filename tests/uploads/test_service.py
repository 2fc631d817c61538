import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from starlette.requests import ClientDisconnect

from app.contents.repository import ContentRepository
from app.core.clock import now
from app.core.config import QuotasSection, Settings
from app.core.db import Database
from app.core.errors import RequestTimeout
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.incoming import in_pieces
from app.uploads import service
from app.uploads.body import Body
from app.uploads.dependencies import build_uploads
from app.uploads.errors import UploadExpired, UploadMissing, WrongOffset
from app.uploads.models import Upload
from app.uploads.service import UploadService
from tests.factories.auth import make_user
from tests.factories.files import STEP, stl
from tests.support.app import client_of, resources_over
from tests.support.auth import account_of
from tests.support.calculator import StandInCalculator
from tests.uploads.calls import Tus

CONTENT = stl(200)


@pytest.fixture
def uploads(live_resources: Resources) -> UploadService:
    return build_uploads(live_resources)


@pytest.fixture
async def upload(uploads: UploadService, live: Database) -> Upload:
    return await uploads.begin((await make_user(live)).id, len(CONTENT), "")


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PIECE_BYTES", 1000)


async def broken(content: bytes, failure: Exception) -> AsyncIterator[bytes]:
    async for chunk in in_pieces(content, 100):
        yield chunk
    raise failure


async def stored(resources: Resources) -> int:
    return len(await resources.get(Storage).keys())


class TestBrokenConnection:
    @pytest.mark.parametrize("failure", [ClientDisconnect, RequestTimeout])
    async def test_keeps_what_has_come(
        self, uploads: UploadService, upload: Upload, live_resources: Resources, failure: type[Exception]
    ) -> None:
        with pytest.raises(failure):
            await uploads.append(upload.owner_id, upload.id, 0, Body(broken(CONTENT[:3210], failure())))

        present = await uploads.get(upload.owner_id, upload.id)
        assert present.offset_bytes == 3210
        rest = Body(in_pieces(CONTENT[3210:]))
        finished = await uploads.append(upload.owner_id, upload.id, 3210, rest)
        assert finished.file_id is not None
        assert await stored(live_resources) == 1

    async def test_that_brought_nothing_changes_nothing(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        with pytest.raises(ClientDisconnect):
            await uploads.append(upload.owner_id, upload.id, 0, Body(broken(b"", ClientDisconnect())))

        assert (await uploads.get(upload.owner_id, upload.id)).offset_bytes == 0
        assert await stored(live_resources) == 0

    @pytest.mark.usefixtures("small_pieces")
    async def test_of_the_server_itself_costs_one_piece(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        with pytest.raises(LookupError):
            await uploads.append(upload.owner_id, upload.id, 0, Body(broken(CONTENT[:3210], LookupError())))

        assert (await uploads.get(upload.owner_id, upload.id)).offset_bytes == 3000
        assert await stored(live_resources) == 3


@pytest.mark.usefixtures("small_pieces")
class TestTwins:
    async def test_of_the_same_bytes_one_is_refused(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        outcomes = await asyncio.gather(
            *(uploads.append(upload.owner_id, upload.id, 0, Body(in_pieces(CONTENT, 500))) for _ in range(3)),
            return_exceptions=True,
        )

        refused = [outcome for outcome in outcomes if isinstance(outcome, WrongOffset)]
        assert len(refused) == 2, outcomes
        finished = await uploads.get(upload.owner_id, upload.id)
        assert finished.file_id is not None
        assert await stored(live_resources) == 1

    async def test_that_finish_make_one_file(
        self, uploads: UploadService, upload: Upload, live_resources: Resources, live: Database
    ) -> None:
        await fill(uploads, upload)

        finishing = [
            uploads.append(upload.owner_id, upload.id, len(CONTENT), Body(in_pieces(b""))) for _ in range(3)
        ]
        file_ids = {found.file_id for found in await asyncio.gather(*finishing)}

        assert len(file_ids) == 1
        assert None not in file_ids
        assert await stored(live_resources) == 1
        async with live.reading() as session:
            assert len(await ContentRepository(session).stored()) == 1


async def fill(uploads: UploadService, upload: Upload) -> None:
    """As if the request with the last bytes had been killed before it made the file."""
    await uploads._take_in(upload, Body(in_pieces(CONTENT)))


class TestJobs:
    async def test_make_the_file_a_killed_request_left(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        await fill(uploads, upload)
        await uploads.finish_left()
        early = await uploads.get(upload.owner_id, upload.id)

        with time_machine.travel(now() + timedelta(minutes=3)):
            await uploads.finish_left()

        assert early.file_id is None
        assert (await uploads.get(upload.owner_id, upload.id)).file_id is not None
        assert await stored(live_resources) == 1

    async def test_end_what_was_left_alone_and_nothing_else(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        await uploads.append(upload.owner_id, upload.id, 0, Body(in_pieces(CONTENT[:100])))
        await uploads.expire()
        assert (await uploads.get(upload.owner_id, upload.id)).offset_bytes == 100

        with time_machine.travel(now() + timedelta(hours=24)):
            with pytest.raises(UploadExpired):
                await uploads.get(upload.owner_id, upload.id)
            await uploads.expire()
            with pytest.raises(UploadMissing):
                await uploads.get(upload.owner_id, upload.id)

        assert await stored(live_resources) == 0

    async def test_remove_pieces_nobody_knows(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        await uploads.append(upload.owner_id, upload.id, 0, Body(in_pieces(CONTENT[:100])))
        await live_resources.get(Storage).put_stream("uploads/orphan", in_pieces(b"left by a kill"))

        assert await uploads.remove_orphans() == 0
        with time_machine.travel(now() + timedelta(hours=2)):
            assert await uploads.remove_orphans() == 1

        assert await stored(live_resources) == 1

    async def test_an_upload_whose_bytes_are_lost_is_ended(
        self, uploads: UploadService, upload: Upload, live_resources: Resources
    ) -> None:
        await uploads.append(upload.owner_id, upload.id, 0, Body(in_pieces(CONTENT[:100])))
        storage = live_resources.get(Storage)
        for key in await storage.keys():
            await storage.delete(key)

        with pytest.raises(UploadExpired):
            await uploads.append(upload.owner_id, upload.id, 100, Body(in_pieces(CONTENT[100:])))

        assert await stored(live_resources) == 0


class TestSeveralProcesses:
    async def test_take_turns_at_one_upload(
        self,
        application: FastAPI,
        settings: Settings,
        live: Database,
        storage: Storage,
        calculator: StandInCalculator,
    ) -> None:
        user = await make_user(live)
        async with (
            resources_over(settings, live, calculator) as one,
            resources_over(settings, live, calculator) as two,
        ):
            processes = []
            for resources in (one, two):
                resources.add(storage)
                account = await account_of(resources, user)
                processes.append(Tus(client_of(application, resources), account))
            location = await processes[0].begun(CONTENT)

            answer: Any = None
            for number, start in enumerate(range(0, len(CONTENT), 3000)):
                process = processes[number % 2]
                assert await process.offset(location) == start
                answer = await process.patch(location, start, CONTENT[start : start + 3000])
                assert answer.status_code == 204, answer.text

            assert await processes[0].downloaded(answer.headers["X-File-ID"]) == CONTENT


class TestQuota:
    @pytest.fixture
    async def tus(
        self, application: FastAPI, settings: Settings, live: Database, calculator: StandInCalculator
    ) -> AsyncIterator[Tus]:
        tight = settings.model_copy(update={"quotas": QuotasSection(bytes_per_user=len(STEP) * 2)})
        async with resources_over(tight, live, calculator) as resources:
            account = await account_of(resources, await make_user(live))
            async with client_of(application, resources) as client:
                yield Tus(client, account)

    async def test_counts_what_was_announced_once(self, tus: Tus) -> None:
        first, second = [await tus.begun(STEP) for _ in range(2)]
        refused = await tus.begin(1)

        finished = [await tus.patch(location, 0, STEP) for location in (first, second)]
        await tus.client.delete(second, headers=tus.headers)

        assert (refused.status_code, refused.json()["code"]) == (403, "quota-exceeded")
        assert [answer.status_code for answer in finished] == [204, 204]
        assert (await tus.begin(1)).status_code == 403

    async def test_that_is_given_back_with_an_upload_that_ends(self, tus: Tus) -> None:
        location = await tus.begun(STEP * 2)
        await tus.client.delete(location, headers=tus.headers)

        assert (await tus.begin(len(STEP))).status_code == 201
