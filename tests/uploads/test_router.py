import base64
import hashlib
from datetime import timedelta

import httpx
import pytest
import time_machine

from app.core.clock import now
from app.core.resources import Resources
from app.core.storage import Storage
from tests.factories.files import STEP, stl
from tests.support.auth import MakeAccount
from tests.uploads.calls import UPLOADS, Tus


@pytest.fixture
async def tus(client: httpx.AsyncClient, as_user: MakeAccount) -> Tus:
    return Tus(client, await as_user())


class TestDiscovery:
    async def test_tells_what_is_spoken_without_a_login(self, client: httpx.AsyncClient) -> None:
        answer = await client.options(UPLOADS)

        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Extension"] == "creation,expiration,checksum,termination"
        assert answer.headers["Tus-Max-Size"] == "250000000"
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"

    async def test_another_version_is_refused_with_ours(self, tus: Tus) -> None:
        answer = await tus.client.post(
            UPLOADS, headers={**tus.headers, "Tus-Resumable": "0.2.2", "Upload-Length": "1"}
        )

        assert (answer.status_code, answer.json()["code"]) == (412, "tus-version-unknown")
        assert answer.headers["Tus-Version"] == "1.0.0"

    async def test_refusals_name_the_version_too(self, tus: Tus) -> None:
        assert (await tus.patch(f"{UPLOADS}/{tus.account.id}", 0, b"x")).headers["Tus-Resumable"] == "1.0.0"


class TestBegin:
    async def test_wants_a_login(self, client: httpx.AsyncClient) -> None:
        assert (await client.post(UPLOADS, headers={"Upload-Length": "1"})).status_code == 401

    async def test_names_where_and_how_long_to_go_on(self, tus: Tus) -> None:
        answer = await tus.begin(100)

        assert answer.status_code == 201
        assert answer.headers["Location"].startswith("/api/v1/uploads/")
        assert answer.headers["Upload-Offset"] == "0"
        assert answer.headers["Upload-Expires"].endswith("GMT")

    @pytest.mark.parametrize(
        ("length", "status", "code"),
        [
            (250_000_001, 413, "file-too-large"),
            (0, 422, "cad-unreadable"),
            (-1, 422, "validation-failed"),
            ("many", 422, "validation-failed"),
        ],
    )
    async def test_refuses_what_can_be_no_file(
        self, length: int | str, status: int, code: str, tus: Tus
    ) -> None:
        answer = await tus.begin(length)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_refuses_metadata_nobody_can_read(self, tus: Tus) -> None:
        headers = {**tus.headers, "Upload-Length": "1", "Upload-Metadata": "filename *****"}

        assert (await tus.client.post(UPLOADS, headers=headers)).status_code == 400

    async def test_so_many_at_once_are_enough(self, tus: Tus) -> None:
        statuses = [(await tus.begin(1)).status_code for _ in range(101)]

        assert statuses == [201] * 100 + [409]


class TestContinue:
    async def test_bit_by_bit_becomes_a_file(self, tus: Tus, resources: Resources) -> None:
        content = stl(40)
        location = await tus.begun(content, "деталь.stl")

        for start in range(0, len(content), 700):
            assert await tus.offset(location) == start
            answer = await tus.patch(location, start, content[start : start + 700])
            assert answer.status_code == 204, answer.text

        file_id = answer.headers["X-File-ID"]
        file = (await tus.client.get(f"/api/v1/files/{file_id}", headers=tus.headers)).json()
        assert (file["name"], file["format"], file["size_bytes"]) == ("деталь.stl", "stl", len(content))
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert await tus.downloaded(file_id) == content
        assert len(await resources.get(Storage).keys()) == 1

    async def test_tells_the_file_also_later(self, tus: Tus) -> None:
        location = await tus.begun(STEP)
        file_id = (await tus.patch(location, 0, STEP)).headers["X-File-ID"]

        row = await tus.client.get(location, headers=tus.headers)
        again = await tus.patch(location, len(STEP), b"")

        assert row.json()["file_id"] == file_id
        assert (row.json()["offset_bytes"], row.json()["length_bytes"]) == (len(STEP), len(STEP))
        assert row.headers["Upload-Metadata"].startswith("filename ")
        assert (again.status_code, again.headers["X-File-ID"]) == (204, file_id)

    @pytest.mark.parametrize("offset", [0, 9, 11, len(STEP)])
    async def test_goes_on_from_where_it_stands_only(self, offset: int, tus: Tus) -> None:
        location = await tus.begun(STEP)
        await tus.patch(location, 0, STEP[:10])

        answer = await tus.patch(location, offset, STEP[offset:])

        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-offset")
        assert answer.headers["Upload-Offset"] == "10"
        assert await tus.offset(location) == 10

    async def test_takes_no_byte_too_many(self, tus: Tus, resources: Resources) -> None:
        location = await tus.begun(STEP)

        answer = await tus.patch(location, 0, STEP + b"x", Upload_Checksum=checksum(STEP + b"x"))

        assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-long")
        assert await tus.offset(location) == 0
        assert await resources.get(Storage).keys() == []

    async def test_wants_the_kind_of_body_the_protocol_names(self, tus: Tus) -> None:
        location = await tus.begun(STEP)
        headers = {**tus.headers, "Upload-Offset": "0", "Content-Type": "application/octet-stream"}

        answer = await tus.client.patch(location, headers=headers, content=STEP)

        assert answer.status_code == 415

    async def test_what_is_no_part_is_refused_and_forgotten(self, tus: Tus, resources: Resources) -> None:
        location = await tus.begun(b"no part at all")

        answer = await tus.patch(location, 0, b"no part at all")

        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-file")
        assert (await tus.client.head(location, headers=tus.headers)).status_code == 404
        assert await resources.get(Storage).keys() == []

    async def test_of_somebody_else_is_not_found(self, tus: Tus, as_user: MakeAccount) -> None:
        stranger = Tus(tus.client, await as_user())
        location = await tus.begun(STEP)

        assert (await stranger.patch(location, 0, STEP)).status_code == 404
        assert (await stranger.client.head(location, headers=stranger.headers)).status_code == 404
        assert (await stranger.client.delete(location, headers=stranger.headers)).status_code == 404


class TestChecksum:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
    async def test_that_holds_lets_the_bytes_in(self, algorithm: str, tus: Tus) -> None:
        location = await tus.begun(STEP)

        answer = await tus.patch(location, 0, STEP[:20], Upload_Checksum=checksum(STEP[:20], algorithm))

        assert answer.status_code == 204
        assert await tus.offset(location) == 20

    async def test_that_does_not_hold_drops_them(self, tus: Tus, resources: Resources) -> None:
        location = await tus.begun(STEP)

        answer = await tus.patch(location, 0, STEP[:20], Upload_Checksum=checksum(b"other"))

        assert (answer.status_code, answer.json()["code"]) == (460, "checksum-mismatch")
        assert await tus.offset(location) == 0
        assert await resources.get(Storage).keys() == []

    @pytest.mark.parametrize("header", ["crc32 AAAA", "sha1", "sha1 ***", "sha1 " + "A" * 500])
    async def test_nobody_understands_is_refused(self, header: str, tus: Tus) -> None:
        location = await tus.begun(STEP)

        assert (await tus.patch(location, 0, STEP, Upload_Checksum=header)).status_code in {400, 460, 422}
        assert await tus.offset(location) == 0


class TestEnd:
    async def test_drops_what_has_come(self, tus: Tus, resources: Resources) -> None:
        location = await tus.begun(STEP)
        await tus.patch(location, 0, STEP[:10])

        answer = await tus.client.delete(location, headers=tus.headers)

        assert answer.status_code == 204
        assert (await tus.client.head(location, headers=tus.headers)).status_code == 404
        assert await resources.get(Storage).keys() == []

    async def test_leaves_the_file_that_was_made(self, tus: Tus) -> None:
        location = await tus.begun(STEP)
        file_id = (await tus.patch(location, 0, STEP)).headers["X-File-ID"]

        await tus.client.delete(location, headers=tus.headers)

        assert await tus.downloaded(file_id) == STEP

    async def test_a_file_that_is_deleted_leaves_its_upload_without_one(self, tus: Tus) -> None:
        location = await tus.begun(STEP)
        file_id = (await tus.patch(location, 0, STEP)).headers["X-File-ID"]

        deleted = await tus.client.delete(f"/api/v1/files/{file_id}", headers=tus.headers)

        assert deleted.status_code == 204
        assert (await tus.client.get(location, headers=tus.headers)).json()["file_id"] is None


class TestExpiration:
    async def test_time_begins_anew_with_every_byte(self, tus: Tus) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            location = await tus.begun(STEP)
            first = (await tus.client.head(location, headers=tus.headers)).headers["Upload-Expires"]
            clock.shift(timedelta(minutes=5))
            later = (await tus.patch(location, 0, STEP[:10])).headers["Upload-Expires"]

        assert first != later


def checksum(content: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"
