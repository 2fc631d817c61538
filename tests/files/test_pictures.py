import struct
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.analyses.pictures import MODEL, PREPARED
from app.core.clock import now
from app.core.db import Database
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.demo import demo_id
from app.files.dependencies import demo_parts
from app.files.models import File
from app.files.schemas import FileRead
from tests.factories.auth import make_user
from tests.factories.files import make_file
from tests.support.audit import all_acts
from tests.support.auth import Account, account_of
from tests.support.calculator import StandInCalculator, refusal
from tests.support.jobs import run_jobs

Client = httpx.AsyncClient
API = "/api/v1"


@pytest.fixture
async def owner(live_resources: Resources) -> Account:
    return await account_of(live_resources, await make_user(live_resources.get(Database)))


@pytest.fixture
async def admin(live_resources: Resources) -> Account:
    return await account_of(live_resources, await make_user(live_resources.get(Database), is_admin=True))


@pytest.fixture
async def file(live_resources: Resources, owner: Account) -> FileRead:
    """Stored, and nothing more."""
    return await make_file(live_resources, owner_id=owner.id)


@pytest.fixture
async def drawn(live_resources: Resources, file: FileRead) -> FileRead:
    """Measured and drawn."""
    await run_jobs(live_resources)
    return file


class TestPreview:
    async def test_is_a_neutral_picture_nobody_keeps_until_it_is_drawn(
        self, live_client: Client, file: FileRead
    ) -> None:
        answer = await live_client.get(file.links.preview)

        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert struct.unpack(">II", answer.content[16:24]) == (256, 256)

    async def test_of_a_part_that_cannot_be_read_stays_neutral(
        self, live_client: Client, live_resources: Resources, file: FileRead, calculator: StandInCalculator
    ) -> None:
        calculator.analysis_answer = refusal(422, "cad-invalid")
        await run_jobs(live_resources)

        answer = await live_client.get(file.links.preview)

        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")

    async def test_may_be_kept_for_a_while_once_it_is_there(
        self, live_client: Client, drawn: FileRead
    ) -> None:
        answer = await live_client.get(drawn.links.preview)
        again = await live_client.get(drawn.links.preview, headers={"If-None-Match": answer.headers["etag"]})

        assert (answer.content, answer.headers["content-type"]) == (b"512 px of a block", "image/png")
        assert "max-age" in answer.headers["cache-control"]
        assert answer.headers["content-length"] == str(len(answer.content))
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(("asked", "given"), [(200, 256), (256, 256), (257, 512), (512, 512)])
    async def test_is_at_least_of_the_size_asked_for(
        self, live_client: Client, drawn: FileRead, asked: int, given: int
    ) -> None:
        answer = await live_client.get(f"{drawn.links.preview}&size={asked}")

        assert answer.content == f"{given} px of a block".encode()

    async def test_of_another_size_is_drawn_when_it_is_asked_for(
        self, live_client: Client, live_resources: Resources, drawn: FileRead, calculator: StandInCalculator
    ) -> None:
        address = f"{drawn.links.preview}&size=1000"
        before = await live_client.get(address)
        await live_client.get(address)
        await run_jobs(live_resources)
        after = await live_client.get(address)

        assert before.headers["cache-control"] == "no-store"
        assert after.content == b"1024 px of a block"
        assert calculator.drawn.count("preview-1024") == 1

    @pytest.mark.parametrize("size", ["0", "63", "2049", "-1", "big", "1e3"])
    async def test_of_an_impossible_size_is_refused(
        self, live_client: Client, file: FileRead, size: str
    ) -> None:
        assert (await live_client.get(f"{file.links.preview}&size={size}")).status_code == 422

    async def test_whose_bytes_are_lost_is_drawn_again(
        self, live_client: Client, live_resources: Resources, drawn: FileRead
    ) -> None:
        storage = live_resources.get(Storage)
        for key in await storage.keys("pictures"):
            await storage.delete(key)
        await age(live_resources)

        lost = await live_client.get(drawn.links.preview)
        await run_jobs(live_resources)
        again = await live_client.get(drawn.links.preview)

        assert lost.headers["cache-control"] == "no-store"
        assert again.content == b"512 px of a block"

    async def test_of_a_demo_part_is_drawn_when_somebody_looks(
        self, live_client: Client, live_resources: Resources
    ) -> None:
        async with live_resources.get(Database).transaction() as session:
            await demo_parts(live_resources, session).seed()
        await age(live_resources)
        address = f"{API}/files/{demo_id(1)}/preview"

        before = await live_client.get(address)
        await run_jobs(live_resources)
        after = await live_client.get(address)

        assert (before.status_code, before.headers["cache-control"]) == (200, "no-store")
        assert after.content == b"512 px of a block"


async def age(resources: Resources) -> None:
    """As if every file had been stored an hour ago."""
    async with resources.get(Database).transaction() as session:
        await session.execute(update(File).values(created_at=now() - timedelta(hours=1)))


class TestModel:
    async def test_is_to_come_until_it_is_drawn(self, live_client: Client, file: FileRead) -> None:
        answer = await live_client.get(file.links.model)

        assert (answer.status_code, answer.json()) == (202, {"status": "stored"})
        assert int(answer.headers["retry-after"]) > 0

    async def test_is_binary_gltf(self, live_client: Client, drawn: FileRead) -> None:
        answer = await live_client.get(drawn.links.model)

        assert (answer.status_code, answer.content) == (200, b"glTF of a block")
        assert answer.headers["content-type"] == "model/gltf-binary"

    async def test_of_a_part_that_cannot_be_read_is_refused_for_the_same_reason(
        self, live_client: Client, live_resources: Resources, file: FileRead, calculator: StandInCalculator
    ) -> None:
        calculator.analysis_answer = refusal(422, "cad-invalid", "There is no solid in it.")
        await run_jobs(live_resources)

        answer = await live_client.get(file.links.model)

        assert (answer.status_code, answer.json()["code"]) == (422, "cad-invalid")

    async def test_that_cannot_be_drawn_is_refused(
        self, live_client: Client, live_resources: Resources, file: FileRead, calculator: StandInCalculator
    ) -> None:
        calculator.picture_answer = refusal(422, "cad-too-complex")
        await run_jobs(live_resources)

        answer = await live_client.get(file.links.model)

        assert (answer.status_code, answer.json()["code"]) == (422, "cad-too-complex")


@pytest.mark.parametrize("what", ["preview", "model.glb", "events"])
class TestRights:
    async def test_are_those_of_the_file(
        self, live_client: Client, live_resources: Resources, owner: Account, drawn: FileRead, what: str
    ) -> None:
        stranger = await account_of(live_resources, await make_user(live_resources.get(Database)))
        path = f"{API}/files/{drawn.id}/{what}"

        assert (await live_client.get(path)).status_code == 401
        assert (await live_client.get(path, headers=stranger.headers)).status_code == 404
        assert (await live_client.get(path, headers=owner.headers)).status_code == 200

    async def test_come_with_the_link_of_the_row_for_this_file_only(
        self, live_client: Client, live_resources: Resources, owner: Account, drawn: FileRead, what: str
    ) -> None:
        link = {"preview": drawn.links.preview, "model.glb": drawn.links.model, "events": drawn.links.events}[
            what
        ]
        other = await make_file(live_resources, owner_id=owner.id)

        assert (await live_client.get(link)).status_code == 200
        stolen = await live_client.get(link.replace(str(drawn.id), str(other.id)))
        forged = await live_client.get(link + "x")
        assert (stolen.status_code, stolen.json()["code"]) == (403, "link-refused")
        assert (forged.status_code, forged.json()["code"]) == (403, "link-refused")


class TestRegenerate:
    async def test_draws_everything_anew(
        self,
        live_client: Client,
        live_resources: Resources,
        admin: Account,
        drawn: FileRead,
        calculator: StandInCalculator,
    ) -> None:
        before = await live_client.get(drawn.links.preview)

        answer = await regenerate(live_client, admin, drawn.id)
        meanwhile = await live_client.get(drawn.links.preview)
        await run_jobs(live_resources)
        after = await live_client.get(drawn.links.preview)

        assert (answer.status_code, answer.json()) == (202, {"status": "ready"})
        assert meanwhile.headers["cache-control"] == "no-store"
        assert before.headers["etag"] != after.headers["etag"]
        assert sorted(calculator.drawn) == sorted([*PREPARED] * 2)
        assert len(await live_resources.get(Storage).keys("pictures")) == len(PREPARED)
        acts = await all_acts(live_resources.get(Database))
        assert [(act.action, act.object_id) for act in acts] == [("file.pictures_redrawn", str(drawn.id))]

    async def test_gives_what_could_not_be_drawn_another_chance(
        self,
        live_client: Client,
        live_resources: Resources,
        admin: Account,
        file: FileRead,
        calculator: StandInCalculator,
    ) -> None:
        calculator.picture_answer = refusal(422, "cad-too-complex")
        await run_jobs(live_resources)
        calculator.picture_answer = None

        await regenerate(live_client, admin, file.id)
        await run_jobs(live_resources)

        assert (await live_client.get(file.links.model)).status_code == 200

    async def test_of_a_file_that_is_gone_is_not_found(self, live_client: Client, admin: Account) -> None:
        assert (await regenerate(live_client, admin, admin.id)).status_code == 404


async def regenerate(client: Client, account: Account, file_id: Any) -> httpx.Response:
    path = f"{API}/admin/files/{file_id}/regenerate-preview"
    return await client.post(path, headers=account.headers)


def test_what_every_part_gets_is_a_thumbnail_a_preview_and_a_model() -> None:
    assert PREPARED == ("preview-256", "preview-512", MODEL)
