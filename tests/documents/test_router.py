import base64
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.config import QuotasSection, Settings
from app.core.db import Database
from app.core.models import new_id
from app.core.resources import Resources
from app.core.storage import Storage
from app.main import create_app
from tests.documents.samples import HTML, PDF, SAMPLES, SVG
from tests.factories.auth import make_user
from tests.factories.files import make_file
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, MakeAccount, account_of
from tests.support.calculator import StandInCalculator

Client = httpx.AsyncClient
DOCUMENTS = "/api/v1/documents"
BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}
PART = {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX}


async def send(
    client: Client, account: Account, content: bytes = PDF, name: str = "plan.pdf", **fields: str
) -> httpx.Response:
    """Upload a document as a form."""
    files = {"file": (name, content)}
    return await client.post(DOCUMENTS, headers=account.headers, files=files, data=fields)


async def made(client: Client, account: Account, **wishes: Any) -> dict[str, Any]:
    answer = await send(client, account, **wishes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


class TestUpload:
    async def test_wants_a_login(self, client: Client) -> None:
        answer = await client.post(DOCUMENTS, files={"file": ("a.pdf", PDF)})

        assert answer.status_code == 401

    async def test_keeps_name_category_and_bytes(self, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()

        body = await made(client, user, name="../Чертёж.PDF", category=" drawing ")

        assert (body["name"], body["category"], body["format"]) == ("Чертёж.PDF", "drawing", "pdf")
        assert (body["media_type"], body["status"], body["refusal"]) == ("application/pdf", "stored", None)
        assert body["size_bytes"] == len(PDF)
        assert (await client.get(body["links"]["download"])).content == PDF

    async def test_takes_base64_inside_json(self, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()
        body = {"file_name": "a.pdf", "file_data": base64.b64encode(PDF).decode(), "category": "drawing"}

        answer = await client.post(DOCUMENTS, headers=user.headers, json=body)

        assert answer.status_code == 201
        assert answer.json()["category"] == "drawing"

    async def test_the_category_may_stand_before_or_behind_the_file(
        self, client: Client, as_user: MakeAccount
    ) -> None:
        user = await as_user()
        headers = {**user.headers, "Content-Type": "multipart/form-data; boundary=b"}
        category = b'--b\r\nContent-Disposition: form-data; name="category"\r\n\r\nplan\r\n'
        file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF + b"\r\n"

        answers = [
            await client.post(DOCUMENTS, headers=headers, content=body + b"--b--\r\n")
            for body in (category + file, file + category)
        ]

        assert [answer.json()["category"] for answer in answers] == ["plan", "plan"]

    async def test_a_category_is_one_line(self, client: Client, as_user: MakeAccount) -> None:
        body = {
            "file_name": "a.pdf",
            "file_data": base64.b64encode(PDF).decode(),
            "category": "plan\nof Anna",
        }

        answer = await client.post(DOCUMENTS, headers=(await as_user()).headers, json=body)

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "category")

    @pytest.mark.parametrize(
        ("name", "content", "status", "code"),
        [
            ("a.exe", PDF, 415, "unsupported-file"),
            ("a.pdf", b"MZ" + bytes(100), 415, "unsupported-file"),
            ("a.pdf", b"", 422, "document-empty"),
        ],
    )
    async def test_keeps_nothing_of_what_it_refuses(
        self,
        client: Client,
        as_user: MakeAccount,
        resources: Resources,
        name: str,
        content: bytes,
        status: int,
        code: str,
    ) -> None:
        user = await as_user()

        answer = await send(client, user, content, name)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert await resources.get(Storage).keys() == []

    async def test_refuses_categories_nobody_could_show(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()

        for category in ("c" * 65, "a\x00b"):
            answer = await send(client, user, category=category)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "category")
        assert await resources.get(Storage).keys() == []

    async def test_a_form_of_endless_fields_is_refused(self, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()

        assert (await send(client, user, more="x" * 20_000)).status_code == 400

    async def test_the_same_content_as_a_part_is_stored_once(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        user = await as_user()
        await make_file(resources, owner_id=user.id, content=SAMPLES["step"])

        await made(client, user, content=SAMPLES["step"], name="part.step")

        assert len(await resources.get(Storage).keys()) == 1


class TestRead:
    async def test_is_for_the_owner_only(self, client: Client, as_user: MakeAccount) -> None:
        owner, stranger = await as_user(), await as_user()
        document_id = (await made(client, owner))["id"]

        for path in (f"/{document_id}", f"/{document_id}/download"):
            assert (await client.get(DOCUMENTS + path)).status_code == 401
            assert (await client.get(DOCUMENTS + path, headers=stranger.headers)).status_code == 404
            assert (await client.get(DOCUMENTS + path, headers=owner.headers)).status_code == 200
        assert (
            await client.delete(f"{DOCUMENTS}/{document_id}", headers=stranger.headers)
        ).status_code == 404

    @pytest.mark.parametrize(
        ("name", "content"), [("a.svg", SVG), ("a.html", HTML), ("a.xml", b"<a/>"), ("a.pdf", PDF)]
    )
    async def test_nothing_is_rendered_from_our_origin(
        self, client: Client, as_user: MakeAccount, name: str, content: bytes
    ) -> None:
        user = await as_user()
        document_id = (await made(client, user, content=content, name=name))["id"]

        answer = await client.get(f"{DOCUMENTS}/{document_id}/download", headers=user.headers)

        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")

    async def test_parts_can_be_asked_for(self, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()
        document_id = (await made(client, user))["id"]
        headers = {**user.headers, "Range": "bytes=0-3"}

        answer = await client.get(f"{DOCUMENTS}/{document_id}/download", headers=headers)

        assert (answer.status_code, answer.content) == (206, b"%PDF")


class TestList:
    async def test_holds_own_documents_and_can_be_narrowed(
        self, client: Client, as_user: MakeAccount
    ) -> None:
        one, two = await as_user(), await as_user()
        await made(client, one, name="plan A.pdf", category="plan")
        await made(client, one, name="photo.png", content=SAMPLES["png"])
        await made(client, two, name="plan B.pdf", category="plan")

        async def names(query: str) -> list[str]:
            answer = await client.get(f"{DOCUMENTS}?{query}", headers=one.headers)
            return [item["name"] for item in answer.json()["items"]]

        assert await names("") == ["photo.png", "plan A.pdf"]
        assert await names("category=plan") == ["plan A.pdf"]
        assert await names("format=PNG") == ["photo.png"]
        assert await names("search=PLAN&sort=name") == ["plan A.pdf"]
        assert await names("status=clean&status=refused") == []

    async def test_administrators_see_those_of_others(
        self, client: Client, as_user: MakeAccount, as_admin: MakeAccount
    ) -> None:
        user, admin = await as_user(), await as_admin()
        document = await made(client, user)

        path = f"/api/v1/users/{user.id}/documents"
        answer = await client.get(path, headers=admin.headers)

        assert [item["id"] for item in answer.json()["items"]] == [document["id"]]
        assert (await client.get(path, headers=user.headers)).status_code == 403


class TestFormats:
    async def test_are_told_to_everybody_in_his_language(self, client: Client) -> None:
        answer = await client.get(f"{DOCUMENTS}/formats", headers={"Accept-Language": "ru"})

        groups = {group["id"]: group for group in answer.json()["items"]}
        assert groups["archives"]["label"] == "Архивы"
        assert [row["extension"] for row in groups["archives"]["formats"]] == [
            "zip",
            "rar",
            "7z",
            "tar",
            "gz",
        ]
        assert sum(len(group["formats"]) for group in groups.values()) == 43


class TestOrders:
    async def order(self, client: Client, account: Account, *document_ids: str) -> httpx.Response:
        body = {**PART, "document_ids": list(document_ids)}
        return await client.post("/api/v1/orders", json=body, headers=account.headers)

    async def test_take_own_documents_along(self, client: Client, as_user: MakeAccount) -> None:
        user, stranger = await as_user(), await as_user()
        one, two = [(await made(client, user, name=name))["id"] for name in ("a.pdf", "b.pdf")]

        placed = await self.order(client, user, one, two, one)

        path = f"/api/v1/orders/{placed.json()['id']}/documents"
        answer = await client.get(f"{path}?sort=name", headers=user.headers)
        assert [item["id"] for item in answer.json()["items"]] == [one, two]
        assert (await client.get(path, headers=stranger.headers)).status_code == 404

    async def test_take_nothing_else(self, client: Client, as_user: MakeAccount) -> None:
        user, stranger = await as_user(), await as_user()
        foreign = (await made(client, stranger))["id"]
        gone = (await made(client, user))["id"]
        await client.delete(f"{DOCUMENTS}/{gone}", headers=user.headers)

        for document_id in (foreign, gone, str(new_id())):
            answer = await self.order(client, user, document_id)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "document_ids")

    async def test_keep_their_documents(self, client: Client, as_user: MakeAccount) -> None:
        user = await as_user()
        document_id = (await made(client, user))["id"]
        await self.order(client, user, document_id)

        answer = await client.delete(f"{DOCUMENTS}/{document_id}", headers=user.headers)

        assert (answer.status_code, answer.json()["code"]) == (409, "document-in-use")
        assert (await client.get(f"{DOCUMENTS}/{document_id}", headers=user.headers)).status_code == 200


class TestQuotas:
    async def statuses(
        self, settings: Settings, db: Database, calculator: StandInCalculator, quotas: QuotasSection
    ) -> list[tuple[int, str]]:
        """What becomes of a file and two documents, the second larger than the first."""
        tight = settings.model_copy(update={"quotas": quotas})
        async with (
            resources_over(tight, db, calculator) as resources,
            client_of(create_app(tight), resources) as client,
        ):
            account = await account_of(resources, await make_user(db))
            await make_file(resources, owner_id=account.id, content=SAMPLES["step"])
            answers = [await send(client, account, content) for content in (PDF, PDF * 20)]
            return [(answer.status_code, answer.json().get("code", "")) for answer in answers]

    @pytest.mark.parametrize(
        "quotas", [QuotasSection(files_per_user=2), QuotasSection(bytes_per_user=len(SAMPLES["step"]) + 100)]
    )
    async def test_count_files_and_documents_together(
        self, settings: Settings, db: Database, calculator: StandInCalculator, quotas: QuotasSection
    ) -> None:
        found = await self.statuses(settings, db, calculator, quotas)

        assert found == [(201, ""), (403, "quota-exceeded")]


class TestErasure:
    async def test_takes_documents_along(
        self, client: Client, as_user: MakeAccount, as_admin: MakeAccount
    ) -> None:
        user, admin = await as_user(), await as_admin()
        document_id: UUID = (await made(client, user))["id"]
        await TestOrders().order(client, user, str(document_id))
        path = f"/api/v1/users/{user.id}"
        await client.delete(path, headers=admin.headers)

        assert (await client.delete(f"{path}/hard", headers=admin.headers)).status_code == 204
