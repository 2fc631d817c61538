import io
import zipfile
from uuid import UUID

import httpx
import pytest

from app.core.models import new_id
from app.core.resources import Resources
from app.core.storage import Storage
from tests.factories.files import STEP, make_file, stl
from tests.support.auth import MakeAccount

Client = httpx.AsyncClient
DELETE, ARCHIVE = "/api/v1/files/delete", "/api/v1/files/archive.zip"


class TestDelete:
    async def test_tells_of_each_what_became_of_it(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user, stranger = await as_user(), await as_user()
        mine, ordered = [await make_file(resources, owner_id=user.id) for _ in range(2)]
        foreign = await make_file(resources, owner_id=stranger.id)
        order = {"service_id": "cnc-milling", "material_id": "alum_D16", "file_id": str(ordered.id)}
        assert (await client.post("/api/v1/orders", json=order, headers=user.headers)).status_code == 201
        asked = [str(file_id) for file_id in (mine.id, ordered.id, foreign.id, new_id(), mine.id)]

        answer = await client.post(DELETE, json={"ids": asked}, headers=user.headers)

        assert answer.status_code == 200
        items = answer.json()["items"]
        assert [item["id"] for item in items] == asked[:4]
        codes = [item["problem"] and item["problem"]["code"] for item in items]
        assert [item["deleted"] for item in items] == [True, False, False, False]
        assert codes == [None, "file-in-use", "not-found", "not-found"]
        for account, file_id, status in (
            (user, mine.id, 404),
            (user, ordered.id, 200),
            (stranger, foreign.id, 200),
        ):
            found = await client.get(f"/api/v1/files/{file_id}", headers=account.headers)
            assert found.status_code == status

    @pytest.mark.parametrize("count", [0, 101])
    async def test_takes_one_to_a_hundred(self, count: int, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()

        answer = await client.post(
            DELETE, json={"ids": [str(new_id()) for _ in range(count)]}, headers=user.headers
        )

        assert answer.status_code == 422


class TestArchive:
    async def packed(self, client: Client, headers: dict[str, str], ids: list[UUID]) -> dict[str, bytes]:
        answer = await client.get(ARCHIVE, params={"ids": [str(one) for one in ids]}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].startswith('attachment; filename="files.zip"')
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist()}

    async def test_holds_own_files_under_names_of_their_own(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        files = [
            await make_file(resources, owner_id=user.id, name=name, content=content)
            for name, content in (("вал.stp", STEP), ("a.stl", stl()), ("Вал.STP", STEP + b"\n"))
        ]

        found = await self.packed(client, user.headers, [file.id for file in files])

        assert found == {"вал.stp": STEP, "a.stl": stl(), "Вал (2).STP": STEP + b"\n"}

    async def test_ids_may_be_separated_by_commas(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        files = [await make_file(resources, owner_id=user.id) for _ in range(2)]
        asked = ",".join(str(file.id) for file in files)

        answer = await client.get(f"{ARCHIVE}?ids={asked}", headers=user.headers)

        assert answer.status_code == 200

    async def test_holds_nothing_of_others(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user, stranger = await as_user(), await as_user()
        files = [await make_file(resources, owner_id=account.id) for account in (user, stranger)]
        asked = [str(file.id) for file in files]

        answer = await client.get(ARCHIVE, params={"ids": asked}, headers=user.headers)

        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert (await client.get(ARCHIVE, params={"ids": asked})).status_code == 401

    async def test_of_lost_bytes_is_refused_before_it_begins(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)
        for key in await resources.get(Storage).keys():
            await resources.get(Storage).delete(key)

        answer = await client.get(ARCHIVE, params={"ids": str(file.id)}, headers=user.headers)

        assert (answer.status_code, answer.json()["code"]) == (404, "content-missing")

    async def test_is_not_compressed_again(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id, content=stl(100))
        headers = {**user.headers, "Accept-Encoding": "gzip"}

        answer = await client.get(ARCHIVE, params={"ids": str(file.id)}, headers=headers)

        assert "content-encoding" not in answer.headers

    async def test_wants_ids(self, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()

        assert (await client.get(ARCHIVE, headers=user.headers)).status_code == 422
        assert (await client.get(f"{ARCHIVE}?ids=x", headers=user.headers)).status_code == 422
