import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.models import new_id
from app.core.resources import Resources
from app.core.storage import Storage
from tests.factories.files import STEP, make_file, stl
from tests.support.auth import Account, MakeAccount
from tests.support.calculator import StandInCalculator, facts, refusal


def multipart(content: bytes, name: str = "part.step") -> dict[str, Any]:
    return {"files": {"file": (name, content)}}


def inside_json(content: bytes, name: str = "part.step") -> dict[str, Any]:
    return {"json": {"file_name": name, "file_data": base64.b64encode(content).decode()}}


OBJ = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
DXF = b"0\nSECTION\n2\nENTITIES\n0\nENDSEC\n0\nEOF\n"
CUT_3MF = b"PK\x03\x04" + bytes(26) + b"3D/3dmodel.model" + bytes(500)

UPLOADS = pytest.mark.parametrize("upload", [multipart, inside_json])


class TestUpload:
    async def test_wants_a_login(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/v1/files", **multipart(STEP))

        assert answer.status_code == 401

    @UPLOADS
    @pytest.mark.parametrize(
        ("content", "kind"), [(STEP, "step"), (stl(), "stl"), (OBJ, "obj"), (DXF, "dxf")]
    )
    async def test_stores_a_part_by_its_content(
        self, upload: Any, content: bytes, kind: str, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()

        answer = await client.post("/api/v1/files", headers=user.headers, **upload(content, "wrong.png"))

        assert answer.status_code == 201
        body = answer.json()
        assert (body["name"], body["format"], body["status"]) == ("wrong.png", kind, "stored")
        assert (body["failure"], body["analysis"], body["is_demo"]) == (None, None, False)
        assert body["size_bytes"] == len(content)
        assert body["sha256"] == hashlib.sha256(content).hexdigest()
        download = await client.get(body["links"]["download"], headers=user.headers)
        assert download.content == content

    @UPLOADS
    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"", 422, "cad-unreadable"),
            (b"no part at all", 415, "unsupported-file"),
            (b"PK\x03\x04" + bytes(500), 415, "unsupported-file"),
            (CUT_3MF, 422, "cad-unreadable"),
        ],
    )
    async def test_keeps_nothing_of_what_it_refuses(
        self,
        upload: Any,
        content: bytes,
        status: int,
        code: str,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
    ) -> None:
        user = await as_user()

        answer = await client.post("/api/v1/files", headers=user.headers, **upload(content))

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert await resources.get(Storage).keys() == []
        listed = await client.get("/api/v1/files", headers=user.headers)
        assert listed.json()["total"] == 0

    async def test_a_large_file_is_refused_before_it_is_read(
        self, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        headers = {**user.headers, "Content-Type": "multipart/form-data; boundary=x"}
        headers["Content-Length"] = str(300_000_000)

        answer = await client.post("/api/v1/files", headers=headers, content=b"")

        assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")

    @pytest.mark.parametrize(
        ("headers", "body", "status"),
        [
            ({"Content-Type": "multipart/form-data"}, b"x", 400),
            ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\n", 422),
            ({"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}, b"--b\r\n", 400),
            ({"Content-Type": "application/json"}, b"{", 400),
            ({"Content-Type": "application/json"}, b"{}", 422),
            ({}, b"", 400),
        ],
    )
    async def test_a_body_without_a_file_is_refused(
        self,
        headers: dict[str, str],
        body: bytes,
        status: int,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
    ) -> None:
        user = await as_user()

        answer = await client.post("/api/v1/files", headers={**user.headers, **headers}, content=body)

        assert answer.status_code == status

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/octet-stream", "model/step", "multipart/form-datas", "nonsense"]
    )
    async def test_a_body_of_another_kind_is_refused(
        self, kind: str, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        body = httpx.Request("POST", "http://test", **inside_json(STEP)).content

        answer = await client.post(
            "/api/v1/files", headers={**user.headers, "Content-Type": kind}, content=body
        )

        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-file")
        assert "multipart/form-data" in answer.json()["detail"]

    @pytest.mark.parametrize("kind", [None, "application/json; charset=utf-8", "application/vnd.part+json"])
    async def test_json_may_call_itself_otherwise(
        self, kind: str | None, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        body = httpx.Request("POST", "http://test", **inside_json(STEP)).content
        headers = user.headers if kind is None else {**user.headers, "Content-Type": kind}

        answer = await client.post("/api/v1/files", headers=headers, content=body)

        assert answer.status_code == 201

    @pytest.mark.parametrize("kind", ["text/plain", "application/json", None])
    async def test_only_a_form_may_be_as_large_as_a_file(
        self, kind: str | None, client: httpx.AsyncClient, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        headers = {**user.headers, "Content-Length": str(100_000_000)}
        if kind is not None:
            headers["Content-Type"] = kind

        answer = await client.post("/api/v1/files", headers=headers, content=b"")

        assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")

    async def test_names_are_made_harmless(self, client: httpx.AsyncClient, as_user: MakeAccount) -> None:
        user = await as_user()

        answer = await client.post(
            "/api/v1/files", headers=user.headers, **inside_json(STEP, "../a\u202e/b.stp")
        )

        assert answer.json()["name"] == "b.stp"


class TestRead:
    async def test_is_for_the_owner_only(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        owner, stranger = await as_user(), await as_user()
        file = await make_file(resources, owner_id=owner.id)

        for path in (f"/files/{file.id}", f"/files/{file.id}/download", f"/files/{file.id}/analysis"):
            assert (await client.get(f"/api/v1{path}")).status_code == 401
            assert (await client.get(f"/api/v1{path}", headers=stranger.headers)).status_code == 404
            assert (await client.get(f"/api/v1{path}", headers=owner.headers)).status_code == 200

    async def test_download_is_an_attachment_nobody_renders(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id, name="деталь.stp")

        answer = await client.get(file.links.download, headers=user.headers)

        assert answer.content == STEP
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-length"] == str(len(STEP))
        assert answer.headers["etag"] == f'"{file.sha256}"'

    async def test_download_is_not_repeated_to_who_has_it(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)
        headers = {**user.headers, "If-None-Match": f'W/"x", "{file.sha256}"'}

        answer = await client.get(file.links.download, headers=headers)

        assert (answer.status_code, answer.content) == (304, b"")

    async def test_head_tells_what_get_would(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)

        answer = await client.head(file.links.download, headers=user.headers)

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == str(len(STEP))

    async def test_an_unknown_id_is_not_found(self, client: httpx.AsyncClient, as_user: MakeAccount) -> None:
        user = await as_user()

        assert (await client.get(f"/api/v1/files/{new_id()}", headers=user.headers)).status_code == 404
        assert (await client.get("/api/v1/files/17", headers=user.headers)).status_code == 422


class TestList:
    async def test_holds_own_files_only(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        one, two = await as_user(), await as_user()
        mine = await make_file(resources, owner_id=one.id)
        await make_file(resources, owner_id=two.id)

        body = (await client.get("/api/v1/files", headers=one.headers)).json()

        assert [item["id"] for item in body["items"]] == [str(mine.id)]
        assert (body["total"], body["total_is_capped"], body["page"], body["limit"]) == (1, False, 1, 20)

    async def test_can_be_sorted_searched_and_walked(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        for name in ("Вал.stp", "gear_50%.stl", "plate.stp", "вал 2.stp"):
            content = stl() if name.endswith("stl") else STEP
            await make_file(resources, owner_id=user.id, name=name, content=content)

        async def names(query: str) -> list[str]:
            answer = await client.get(f"/api/v1/files?{query}", headers=user.headers)
            return [item["name"] for item in answer.json()["items"]]

        assert await names("search=ВАЛ&sort=created_at") == ["Вал.stp", "вал 2.stp"]
        assert await names("search=50%25") == ["gear_50%.stl"]
        assert await names("format=stl") == ["gear_50%.stl"]
        assert await names("sort=-size_bytes&limit=1") == ["gear_50%.stl"]
        newest = (await client.get("/api/v1/files?limit=3", headers=user.headers)).json()["items"]
        assert await names(f"after={newest[-1]['id']}") == ["Вал.stp"]

    async def test_refuses_unknown_sorts(self, client: httpx.AsyncClient, as_user: MakeAccount) -> None:
        user = await as_user()

        assert (await client.get("/api/v1/files?sort=colour", headers=user.headers)).status_code == 422


class TestAnalysis:
    async def test_is_made_once_per_content(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        one, two = await as_user(), await as_user()
        files = [await make_file(resources, owner_id=user.id, name="a.stp") for user in (one, two)]

        answers = [
            await client.get(f"/api/v1/files/{file.id}/analysis", headers=user.headers)
            for user, file in ((one, files[0]), (two, files[1]), (one, files[0]))
        ]

        assert [answer.status_code for answer in answers] == [200] * 3
        assert [answer.json()["volume_mm3"] for answer in answers] == [1920.0] * 3
        assert calculator.analysed == [("a.stp", STEP)]
        shown = (await client.get(f"/api/v1/files/{files[1].id}", headers=two.headers)).json()
        assert (shown["status"], shown["analysis"]["area_mm2"]) == ("ready", 992.0)

    @pytest.mark.parametrize("code", ["cad-unreadable", "cad-invalid", "cad-too-complex"])
    async def test_a_refusal_is_kept_with_its_code(
        self,
        code: str,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)
        calculator.analysis_answer = refusal(422, code, "The edge loop is empty.")

        answers = [
            await client.get(f"/api/v1/files/{file.id}/analysis", headers=user.headers) for _ in range(2)
        ]

        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, code)] * 2
        details = [answer.json()["detail"] for answer in answers]
        assert details[0].startswith("The edge loop is empty. ")
        assert details[1] == details[0]
        assert len(calculator.analysed) == 1
        shown = (await client.get(f"/api/v1/files/{file.id}", headers=user.headers)).json()
        assert shown["status"] == "failed"
        assert shown["failure"] == {"code": code, "message": details[0]}

    async def test_a_calculator_that_is_down_delays_but_fails_nothing(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)
        calculator.down = True

        down = await client.get(f"/api/v1/files/{file.id}/analysis", headers=user.headers)
        calculator.down = False
        up = await client.get(f"/api/v1/files/{file.id}/analysis", headers=user.headers)

        assert (down.status_code, down.json()) == (202, {"status": "stored"})
        assert int(down.headers["retry-after"]) > 0
        assert up.status_code == 200

    async def test_incomplete_facts_are_shown_but_not_kept(
        self,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
        calculator: StandInCalculator,
    ) -> None:
        user = await as_user()
        file = await make_file(resources, owner_id=user.id)
        calculator.facts = facts(complete=False)

        first = await client.get(f"/api/v1/files/{file.id}/analysis", headers=user.headers)
        calculator.facts = facts()
        second = await client.get(f"/api/v1/files/{file.id}/analysis", headers=user.headers)

        assert (first.json()["complete"], second.json()["complete"]) == (False, True)


class TestDownloadInParts:
    @pytest.mark.parametrize(
        ("asked", "start", "end"),
        [
            ("bytes=0-9", 0, 10),
            ("Bytes = 5-5", 5, 6),
            ("bytes=10-", 10, len(STEP)),
            ("bytes=-4", len(STEP) - 4, len(STEP)),
            ("bytes=-9999", 0, len(STEP)),
            ("bytes=3-99999", 3, len(STEP)),
        ],
    )
    async def test_one_part_is_answered_with_206(
        self,
        asked: str,
        start: int,
        end: int,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
    ) -> None:
        path, headers = await stored_file(resources, await as_user())

        answer = await client.get(path, headers={**headers, "Range": asked})

        assert (answer.status_code, answer.content) == (206, STEP[start:end])
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(STEP)}"
        assert answer.headers["content-length"] == str(end - start)

    @pytest.mark.parametrize(
        "asked", ["bytes=0-1,4-5", "lines=0-9", "bytes=9-3", "bytes=-", "bytes=a-b", "bytes=1" * 1000]
    )
    async def test_what_is_no_single_part_is_the_whole(
        self, asked: str, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        path, headers = await stored_file(resources, await as_user())

        answer = await client.get(path, headers={**headers, "Range": asked})

        assert (answer.status_code, answer.content) == (200, STEP)
        assert answer.headers["accept-ranges"] == "bytes"

    @pytest.mark.parametrize("asked", [f"bytes={len(STEP)}-", "bytes=-0", "bytes=99999-100000"])
    async def test_a_part_behind_the_end_is_refused_with_the_size(
        self, asked: str, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        path, headers = await stored_file(resources, await as_user())

        answer = await client.get(path, headers={**headers, "Range": asked})

        assert (answer.status_code, answer.json()["code"]) == (416, "range-not-satisfiable")
        assert answer.headers["content-range"] == f"bytes */{len(STEP)}"

    async def test_a_part_of_what_has_changed_is_the_whole(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        path, headers = await stored_file(resources, await as_user())
        etag = (await client.head(path, headers=headers)).headers["etag"]

        same, other = [
            await client.get(path, headers={**headers, "Range": "bytes=0-1", "If-Range": tag})
            for tag in (etag, '"another"')
        ]

        assert (same.status_code, other.status_code) == (206, 200)

    async def test_nothing_is_opened_to_say_that_nothing_is_needed(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        path, headers = await stored_file(resources, await as_user())
        etag = (await client.head(path, headers=headers)).headers["etag"]
        storage = resources.get(Storage)
        for key in await storage.keys():
            await storage.delete(key)

        known = await client.get(path, headers={**headers, "If-None-Match": etag})
        beyond = await client.get(path, headers={**headers, "Range": "bytes=9999-"})
        only_headers = await client.head(path, headers=headers)
        wanted = await client.get(path, headers=headers)

        assert [known.status_code, beyond.status_code, only_headers.status_code] == [304, 416, 200]
        assert (wanted.status_code, wanted.json()["code"]) == (404, "content-missing")


async def stored_file(resources: Resources, user: Account) -> tuple[str, dict[str, str]]:
    """Where a new file of the user is downloaded, and how he says who he is."""
    file = await make_file(resources, owner_id=user.id)
    return f"/api/v1/files/{file.id}/download", user.headers


class TestDelete:
    async def test_removes_the_row(
        self, client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
    ) -> None:
        user, stranger = await as_user(), await as_user()
        file = await make_file(resources, owner_id=user.id)

        assert (await client.delete(f"/api/v1/files/{file.id}")).status_code == 401
        refused = await client.delete(f"/api/v1/files/{file.id}", headers=stranger.headers)
        assert refused.status_code == 404
        assert (await client.delete(f"/api/v1/files/{file.id}", headers=user.headers)).status_code == 204
        assert (await client.get(f"/api/v1/files/{file.id}", headers=user.headers)).status_code == 404


class TestLostStorage:
    @UPLOADS
    async def test_is_told_until_it_is_back(
        self,
        upload: Any,
        client: httpx.AsyncClient,
        as_user: MakeAccount,
        resources: Resources,
        tmp_path: Path,
    ) -> None:
        resources.add(Storage.at(str(tmp_path / "files")))
        user = await as_user()
        stored = await client.post("/api/v1/files", headers=user.headers, **upload(STEP))
        download = stored.json()["links"]["download"]

        (tmp_path / "files").rename(tmp_path / "files2")
        refused = [
            await client.post("/api/v1/files", headers=user.headers, **upload(stl())),
            await client.get(download, headers=user.headers),
        ]
        (tmp_path / "files2").rename(tmp_path / "files")

        told = [
            (answer.status_code, answer.json()["code"], "retry-after" in answer.headers) for answer in refused
        ]
        assert told == [(503, "storage-unavailable", True)] * 2
        assert (await client.get(download, headers=user.headers)).content == STEP
        again = await client.post("/api/v1/files", headers=user.headers, **upload(stl()))
        assert again.status_code == 201
