from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from app.core.config import ScannerSection, Settings
from app.core.db import Database
from app.core.jobs.runner import Ending
from app.core.resources import Resources
from app.core.sections import StorageSection
from app.core.storage import Storage
from tests.documents.samples import PDF
from tests.documents.test_router import DOCUMENTS, PART, made
from tests.factories.auth import make_user
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, account_of
from tests.support.calculator import StandInCalculator
from tests.support.jobs import run_jobs
from tests.support.scanner import EICAR, StandInScanner, scanner_on


@dataclass
class House:
    """An installation with a virus scanner, and one customer."""

    client: httpx.AsyncClient
    account: Account
    resources: Resources
    scanner: StandInScanner

    async def status(self, document_id: str) -> tuple[str, str | None]:
        answer = await self.client.get(f"{DOCUMENTS}/{document_id}", headers=self.account.headers)
        return answer.json()["status"], answer.json()["refusal"]

    async def download(self, document_id: str) -> httpx.Response:
        return await self.client.get(f"{DOCUMENTS}/{document_id}/download", headers=self.account.headers)


@pytest.fixture
async def house(
    application: FastAPI,
    settings: Settings,
    live: Database,
    calculator: StandInCalculator,
    storage: Storage,
) -> AsyncIterator[House]:
    async with scanner_on() as scanner:
        scanned = settings.model_copy(update={"scanner": ScannerSection(address=scanner.address, seconds=5)})
        async with resources_over(scanned, live, calculator) as resources:
            resources.add(storage)
            account = await account_of(resources, await make_user(live))
            async with client_of(application, resources) as client:
                yield House(client, account, resources, scanner)


class TestScan:
    async def test_until_then_a_document_is_given_to_nobody(self, house: House) -> None:
        document = await made(house.client, house.account)

        waiting = await house.download(document["id"])
        by_link = await house.client.get(document["links"]["download"])
        await run_jobs(house.resources)
        clean = await house.download(document["id"])

        assert (document["status"], waiting.status_code) == ("pending", 409)
        assert (waiting.json()["code"], waiting.headers["Retry-After"]) == ("document-pending", "5")
        assert by_link.status_code == 409
        assert (clean.status_code, clean.content) == (200, PDF)
        assert await house.status(document["id"]) == ("clean", None)
        assert house.scanner.scanned == [PDF]

    async def test_what_was_found_stays_with_the_document_and_away_from_people(self, house: House) -> None:
        document = await made(house.client, house.account, content=PDF + EICAR)

        await run_jobs(house.resources)

        refused = await house.download(document["id"])
        order = {**PART, "document_ids": [document["id"]]}
        ordered = await house.client.post("/api/v1/orders", json=order, headers=house.account.headers)
        assert await house.status(document["id"]) == ("refused", "Eicar-Test-Signature")
        assert (refused.status_code, refused.json()["code"]) == (403, "document-refused")
        assert ordered.status_code == 422
        row = await house.client.get(f"{DOCUMENTS}/{document['id']}", headers=house.account.headers)
        assert row.json()["links"]["download"].startswith("/api/v1/documents/")

    async def test_a_store_that_browsers_reach_is_named_only_afterwards(
        self, house: House, s3_settings: StorageSection
    ) -> None:
        house.resources.add(Storage.of(s3_settings))
        document = await made(house.client, house.account)
        before = document["links"]["download"]
        await run_jobs(house.resources)
        row = await house.client.get(f"{DOCUMENTS}/{document['id']}", headers=house.account.headers)

        assert before.startswith("/api/v1/documents/")
        assert row.json()["links"]["download"].startswith(s3_settings.endpoint)

    async def test_a_scanner_that_is_away_is_waited_for(self, house: House) -> None:
        document = await made(house.client, house.account)
        house.scanner.answer = b"busy\0"
        endings = await run_jobs(house.resources)

        assert endings == [Ending.failed]
        assert await house.status(document["id"]) == ("pending", None)

    async def test_of_a_document_that_is_gone_is_done(self, house: House) -> None:
        document = await made(house.client, house.account)
        await house.client.delete(f"{DOCUMENTS}/{document['id']}", headers=house.account.headers)

        await run_jobs(house.resources)

        assert house.scanner.scanned == []
