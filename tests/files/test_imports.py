import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, update

from app.core.clock import now
from app.core.config import Settings
from app.core.db import Database
from app.core.job_tables import JobStatus, OutboxMessage
from app.core.models import new_id
from app.core.resources import Resources
from app.core.storage import Storage
from app.files import imports_fetching
from app.files.importing import AT_ONCE
from app.files.imports import MOST_RUNNING
from app.files.imports_addresses import is_public
from app.files.imports_errors import SourceFailed, SourceRefused
from app.files.imports_fetching import MOST_REDIRECTS, Fetcher, fetching
from app.files.imports_models import FileImport
from tests.factories.auth import make_user
from tests.factories.files import STEP
from tests.support.app import client_of, resources_over
from tests.support.auth import Account, account_of
from tests.support.calculator import StandInCalculator
from tests.support.jobs import run_jobs
from tests.support.sources import Source, source_at

Client = httpx.AsyncClient
IMPORT = "/api/v1/files/import"


class TestAddresses:
    @pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1"])
    def test_of_the_internet_are_public(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.8.9.10",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.88.99.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "100::1",
            "localhost",
            "",
        ],
    )
    def test_of_anything_else_are_not(self, address: str) -> None:
        assert not is_public(address)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def here(source: Source) -> AsyncIterator[str]:
    """The address of a web server on this machine."""
    async with source_at(source) as port:
        yield f"http://127.0.0.1:{port}"


class Names:
    """A name server that answers differently each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (self.answers.pop(0), port))]


async def fetched(url: str, *, allow_private: bool = True) -> tuple[str, bytes]:
    async with (
        fetching(1) as client,
        Fetcher(client, allow_private=allow_private).open(url) as found,
    ):
        return found.name, b"".join([chunk async for chunk in found.chunks])


class TestFetching:
    async def test_takes_the_name_of_the_path_or_what_the_source_calls_it(self, here: str) -> None:
        assert await fetched(f"{here}/parts/be%20la.step?x=1") == ("be la.step", STEP)
        assert await fetched(f"{here}/named") == ("shaft.step", STEP)

    async def test_asks_the_host_by_its_name(self, here: str, source: Source) -> None:
        port = here.rpartition(":")[2]

        await fetched(f"http://localhost:{port}/parts/a.step")

        assert source.hosts == [f"localhost:{port}"]

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "127。0。0。1",
        ],
    )
    async def test_never_goes_to_this_machine_however_it_is_called(
        self, here: str, source: Source, host: str
    ) -> None:
        port = here.rpartition(":")[2]

        with pytest.raises((SourceRefused, SourceFailed)):
            await fetched(f"http://{host}:{port}/parts/a.step", allow_private=False)

        assert source.asked == []

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "ftp://example.com/part.step",
            "gopher://example.com/",
            "data:model/step,ISO-10303-21;",
            "http://",
            "http:///part.step",
            "//example.com/part.step",
            "part.step",
            "http://user:password@example.com/part.step",
            "http://user@example.com/part.step",
            "http://[::1",
            "http://exa mple.com/",
            "http://example.com:99999/",
            "http://\x00/",
        ],
    )
    async def test_refuses_what_is_no_public_address_of_the_web(self, url: str) -> None:
        with pytest.raises((SourceRefused, SourceFailed)):
            await fetched(url, allow_private=False)

    async def test_goes_to_the_address_that_was_judged_whatever_the_name_means_later(
        self, here: str, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = Names("127.0.0.1", "192.0.2.1")
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names.getaddrinfo)
        port = here.rpartition(":")[2]

        assert await fetched(f"http://rebinding.example:{port}/parts/a.step") == ("a.step", STEP)

        assert names.answers == ["192.0.2.1"]
        assert source.hosts == [f"rebinding.example:{port}"]

    async def test_refuses_a_name_with_one_private_address_among_public_ones(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def both(_: str, port: int, **__: Any) -> list[Any]:
            return [(2, 1, 6, "", (address, port)) for address in ("93.184.215.14", "10.0.0.1")]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)

        with pytest.raises(SourceRefused):
            await fetched("http://both.example/part.step", allow_private=False)

    async def test_follows_redirects(self, here: str) -> None:
        assert (await fetched(f"{here}/to?url=/parts/a.step"))[1] == STEP

    async def test_judges_every_redirect_anew(
        self, here: str, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fetcher_names = Names("127.0.0.1", "169.254.169.254")
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fetcher_names.getaddrinfo)
        monkeypatch.setattr(imports_fetching, "is_public", lambda address: address == "127.0.0.1")
        port = here.rpartition(":")[2]

        with pytest.raises(SourceRefused):
            await fetched(
                f"http://harmless.example:{port}/to?url=http://metadata.example/latest", allow_private=False
            )

        assert source.asked == ["/to"]

    async def test_is_not_redirected_to_other_schemes(self, here: str) -> None:
        with pytest.raises(SourceRefused):
            await fetched(f"{here}/to?url=file:///etc/passwd")

    async def test_is_not_led_round_for_ever(self, here: str, source: Source) -> None:
        with pytest.raises(SourceFailed, match="redirects"):
            await fetched(f"{here}/round")

        assert len(source.asked) == MOST_REDIRECTS + 1

    @pytest.mark.parametrize("path", ["/missing", "/zipped", "/cut"])
    async def test_of_what_is_no_whole_file_fails(self, here: str, path: str) -> None:
        with pytest.raises(SourceFailed):
            await fetched(here + path)

    async def test_of_a_host_that_is_not_there_fails(self) -> None:
        async with source_at(Source()) as port:
            pass

        with pytest.raises(SourceFailed):
            await fetched(f"http://127.0.0.1:{port}/parts/a.step")

    async def test_keeps_no_cookies(self, here: str) -> None:
        async with fetching(1) as client:
            fetcher = Fetcher(client, allow_private=True)
            for _ in range(2):
                async with fetcher.open(f"{here}/cookie") as found:
                    assert b"".join([chunk async for chunk in found.chunks]) == STEP


@pytest.fixture
async def shop(settings: Settings, live: Database, calculator: StandInCalculator) -> AsyncIterator[Resources]:
    """An installation that fetches from this machine, and is impatient."""
    changes = {"import_allow_private": True, "import_seconds": 1.0, "max_file_bytes": 2000}
    trusting = settings.model_copy(update={"storage": settings.storage.model_copy(update=changes)})
    async with resources_over(trusting, live, calculator) as opened:
        yield opened


@pytest.fixture
async def customer(application: FastAPI, shop: Resources) -> AsyncIterator[Client]:
    account = await account_of(shop, await make_user(shop.get(Database)))
    async with client_of(application, shop) as client:
        client.headers.update(account.headers)
        yield client


async def begun(client: Client, *urls: str) -> str:
    answer = await client.post(IMPORT, json={"urls": list(urls)})
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "running"
    assert [item["status"] for item in answer.json()["items"]] == ["queued"] * len(urls)
    location: str = answer.headers["Location"]
    assert location == f"/api/v1/files/imports/{answer.json()['id']}"
    return location


class TestImport:
    async def test_stores_each_file_or_says_why_not(
        self, customer: Client, shop: Resources, here: str, source: Source
    ) -> None:
        paths = ["/parts/a.step", "/missing", "/named", "/hang", "/flood", "/parts/b.step"]
        place = await begun(customer, *(here + path for path in paths), "file:///etc/passwd")

        await run_jobs(shop)

        found = (await customer.get(place)).json()
        assert (found["status"], found["finished_at"] is not None) == ("finished", True)
        told = [item["failure"]["code"] if item["failure"] else item["status"] for item in found["items"]]
        assert told == [
            "stored",
            "source-failed",
            "stored",
            "source-timeout",
            "file-too-large",
            "stored",
            "source-refused",
        ]
        files = {row["id"]: row["name"] for row in (await customer.get("/api/v1/files")).json()["items"]}
        ids = [item["file_id"] for item in found["items"] if item["file_id"]]
        assert [files[file_id] for file_id in ids] == ["a.step", "shaft.step", "b.step"]
        assert len(await shop.get(Storage).keys("files")) == 1

    async def test_has_the_files_measured_as_any_other(
        self, customer: Client, shop: Resources, here: str, calculator: StandInCalculator
    ) -> None:
        await begun(customer, f"{here}/parts/a.step")

        await run_jobs(shop)

        row = (await customer.get("/api/v1/files")).json()["items"][0]
        assert (row["status"], len(calculator.analysed)) == ("ready", 1)

    async def test_fetches_some_at_the_same_time_and_not_more(
        self, customer: Client, shop: Resources, here: str, source: Source
    ) -> None:
        await begun(customer, *(f"{here}/slow/{number}" for number in range(20)))

        await run_jobs(shop)

        assert len(source.asked) == 20
        assert 1 < source.most_inside <= AT_ONCE

    async def test_goes_on_where_a_worker_died_and_stores_nothing_twice(
        self, customer: Client, shop: Resources, here: str, source: Source
    ) -> None:
        await begun(customer, f"{here}/slow/1", f"{here}/slow/2")
        await run_jobs(shop)
        async with shop.get(Database).transaction() as session:
            await session.execute(update(FileImport).values(finished_at=None))
            await session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.handler == "files.import")
                .values(status=JobStatus.queued)
            )

        await run_jobs(shop)

        assert len(source.asked) == 2
        assert (await customer.get("/api/v1/files")).json()["total"] == 2

    async def test_forgets_nothing_of_a_deleted_file_but_its_id(
        self, customer: Client, shop: Resources, here: str
    ) -> None:
        place = await begun(customer, f"{here}/parts/a.step")
        await run_jobs(shop)
        (item,) = (await customer.get(place)).json()["items"]

        assert (await customer.delete(f"/api/v1/files/{item['file_id']}")).status_code == 204

        (item,) = (await customer.get(place)).json()["items"]
        assert (item["status"], item["file_id"]) == ("stored", None)

    async def test_is_not_offered_without_end(self, customer: Client, here: str) -> None:
        for _ in range(MOST_RUNNING):
            await begun(customer, f"{here}/parts/a.step")

        refused = await customer.post(IMPORT, json={"urls": [f"{here}/parts/a.step"]})

        assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
        assert int(refused.headers["retry-after"]) > 0

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"urls": []},
            {"urls": ["http://example.com/a.step"] * 21},
            {"urls": [1]},
            {"urls": [""]},
            {"urls": ["http://example.com/" + "a" * 2048]},
            {"urls": ["http://example.com/\x00"]},
            {"urls": ["http://example.com/a.step"], "name": "x"},
        ],
    )
    async def test_wants_one_to_twenty_addresses(self, customer: Client, body: Any) -> None:
        assert (await customer.post(IMPORT, json=body)).status_code == 422

    async def test_is_its_owners_only(
        self, application: FastAPI, customer: Client, shop: Resources, here: str
    ) -> None:
        place = await begun(customer, f"{here}/parts/a.step")
        other: Account = await account_of(shop, await make_user(shop.get(Database)))
        async with client_of(application, shop) as stranger:
            assert (await stranger.get(place)).status_code == 401
            assert (await stranger.post(IMPORT, json={"urls": [here]})).status_code == 401
            assert (await stranger.get(place, headers=other.headers)).status_code == 404
        assert (await customer.get(f"/api/v1/files/imports/{new_id()}")).status_code == 404

    async def test_never_leads_into_this_machine_unless_that_is_allowed(
        self, live_client: Client, live_resources: Resources, here: str, source: Source
    ) -> None:
        account = await account_of(live_resources, await make_user(live_resources.get(Database)))
        live_client.headers.update(account.headers)
        place = await begun(live_client, f"{here}/parts/a.step")

        await run_jobs(live_resources)

        (item,) = (await live_client.get(place)).json()["items"]
        assert (item["status"], item["failure"]["code"]) == ("failed", "source-refused")
        assert source.asked == []

    async def test_is_forgotten_after_a_week(self, customer: Client, shop: Resources, here: str) -> None:
        place = await begun(customer, f"{here}/parts/a.step")
        await run_jobs(shop)
        async with shop.get(Database).transaction() as session:
            await session.execute(delete(OutboxMessage))
            await session.execute(update(FileImport).values(created_at=now() - timedelta(days=8)))
            session.add(
                OutboxMessage(
                    handler="files.forget_imports",
                    key="files.forget_imports",
                    holds_key=False,
                    payload={},
                    status=JobStatus.queued,
                    run_at=now() - timedelta(hours=1),
                )
            )

        await run_jobs(shop)

        assert (await customer.get(place)).status_code == 404
        assert (await customer.get("/api/v1/files")).json()["total"] == 1
