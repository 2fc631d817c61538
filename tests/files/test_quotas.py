from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI

from app.core.config import QuotasSection, Settings
from app.core.db import Database
from app.core.resources import Resources
from app.core.storage import Storage
from tests.factories.auth import make_user
from tests.factories.files import STEP, make_file, stl
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, account_of
from tests.support.calculator import StandInCalculator

FILES = "/api/v1/files"
Shop = tuple[httpx.AsyncClient, Account, Resources]
OpenShop = Callable[..., Awaitable[Shop]]


@pytest.fixture
async def shop(
    application: FastAPI, settings: Settings, db: Database, calculator: StandInCalculator, storage: Storage
) -> AsyncIterator[OpenShop]:
    """``await shop(files_per_user=2)``: an installation with these quotas and one customer."""
    async with AsyncExitStack() as stack:

        async def opened(**quotas: int) -> Shop:
            tight = settings.model_copy(update={"quotas": QuotasSection(**quotas)})
            resources = await stack.enter_async_context(resources_over(tight, db, calculator))
            resources.add(storage)
            client = await stack.enter_async_context(client_of(application, resources))
            return client, await account_of(resources, await make_user(db)), resources

        yield opened


async def upload(client: httpx.AsyncClient, account: Account, content: bytes) -> httpx.Response:
    return await client.post(FILES, files={"file": ("part.stp", content)}, headers=account.headers)


class TestStored:
    async def test_so_many_files_and_no_more(self, shop: OpenShop) -> None:
        client, account, resources = await shop(files_per_user=2)
        first = await upload(client, account, STEP)

        statuses = [(await upload(client, account, STEP)).status_code for _ in range(2)]
        await client.delete(f"{FILES}/{first.json()['id']}", headers=account.headers)
        again = await upload(client, account, STEP)

        assert statuses == [201, 403]
        assert again.status_code == 201
        assert len(await resources.get(Storage).keys()) == 1

    async def test_so_many_bytes_and_no_more(self, shop: OpenShop) -> None:
        client, account, resources = await shop(bytes_per_user=len(STEP) + 10)
        await upload(client, account, STEP)

        refused = await upload(client, account, STEP + b"\n" * 50)

        assert (refused.status_code, refused.json()["code"]) == (403, "quota-exceeded")
        assert str(len(STEP) + 10) in refused.json()["detail"]
        assert len(await resources.get(Storage).keys()) == 1

    async def test_what_others_have_counts_for_them(self, shop: OpenShop) -> None:
        client, account, resources = await shop(files_per_user=1)
        other = await account_of(resources, await make_user(resources.get(Database)))
        await upload(client, account, STEP)

        assert (await upload(client, other, STEP)).status_code == 201


class TestAnalyses:
    async def test_so_many_new_parts_a_day_and_no_more(self, shop: OpenShop) -> None:
        client, account, resources = await shop(analyses_per_day=1)
        files = [
            await make_file(resources, owner_id=account.id, content=content)
            for content in (STEP, STEP, stl(7))
        ]

        answers = [await client.get(f"{FILES}/{file.id}/analysis", headers=account.headers) for file in files]

        assert [answer.status_code for answer in answers] == [200, 200, 403]
        assert answers[2].json()["code"] == "quota-exceeded"
        assert 0 < int(answers[2].headers["Retry-After"]) <= 86_400

    async def test_a_part_inside_a_price_request_counts_too(self, shop: OpenShop) -> None:
        client, account, resources = await shop(analyses_per_day=1)
        file = await make_file(resources, owner_id=account.id)
        assert (await client.get(f"{FILES}/{file.id}/analysis", headers=account.headers)).status_code == 200
        inline = {"name": "a.stl", "data": "c29saWQgYQpmYWNldCBub3JtYWwgMCAwIDEKZW5kc29saWQK"}
        asked = {"service_id": "cnc-milling", "material_id": "alum_D16", "file": inline}

        answer = await client.post("/api/v1/calculate-price", json=asked, headers=account.headers)

        assert (answer.status_code, answer.json()["code"]) == (403, "quota-exceeded")
