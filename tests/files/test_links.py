from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import time_machine

from app.core.clock import now
from app.core.logging import configure_logging
from app.core.resources import Resources
from tests.factories.files import STEP, make_file
from tests.support.auth import MakeAccount

Client = httpx.AsyncClient


@pytest.fixture
def everything_logged(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """The most talkative log there is."""
    configure_logging("DEBUG")
    yield capsys
    configure_logging("WARNING")


class TestDownloadLink:
    async def test_works_without_a_login_for_ten_minutes(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            file = await make_file(resources, owner_id=(await as_user()).id)
            fresh = await client.get(file.links.download)
            clock.shift(timedelta(minutes=10))
            late = await client.get(file.links.download)

        assert (fresh.status_code, fresh.content) == (200, STEP)
        assert (late.status_code, late.json()["code"]) == (403, "link-refused")

    async def test_of_somebody_who_is_blocked_opens_nothing(
        self, client: Client, as_user: MakeAccount, as_admin: MakeAccount, resources: Resources
    ) -> None:
        owner, admin = await as_user(), await as_admin()
        file = await make_file(resources, owner_id=owner.id)
        link = file.links.download

        before = await client.get(link)
        await client.patch(f"/api/v1/users/{owner.id}", json={"status": "blocked"}, headers=admin.headers)
        after = await client.get(link)

        assert (before.status_code, after.status_code) == (200, 404)

    @pytest.mark.parametrize(
        "query",
        [
            {"expires": "99999999999", "signature": "x" * 43},
            {"signature": "x" * 43},
            {"expires": "99999999999"},
        ],
        ids=["forged", "without a time", "without a signature"],
    )
    async def test_a_forged_one_opens_nothing_not_even_to_the_owner(
        self, client: Client, as_user: MakeAccount, resources: Resources, query: dict[str, str]
    ) -> None:
        owner = await as_user()
        file = await make_file(resources, owner_id=owner.id)

        response = await client.get(f"/api/v1/files/{file.id}/download", params=query, headers=owner.headers)

        assert (response.status_code, response.json()["code"]) == (403, "link-refused")

    async def test_of_one_file_does_not_open_another(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        owner = await as_user()
        one, two = [await make_file(resources, owner_id=owner.id) for _ in range(2)]
        query = httpx.URL(one.links.download).params

        other = await client.get(f"/api/v1/files/{two.id}/download", params=query)
        row = await client.get(f"/api/v1/files/{one.id}", params=query)

        assert other.status_code == 403
        assert row.status_code == 401

    async def test_of_a_deleted_file_finds_nothing(
        self, client: Client, as_user: MakeAccount, resources: Resources
    ) -> None:
        owner = await as_user()
        file = await make_file(resources, owner_id=owner.id)
        await client.delete(f"/api/v1/files/{file.id}", headers=owner.headers)

        assert (await client.get(file.links.download)).status_code == 404

    async def test_is_never_logged(
        self,
        client: Client,
        as_user: MakeAccount,
        resources: Resources,
        everything_logged: pytest.CaptureFixture[str],
    ) -> None:
        file = await make_file(resources, owner_id=(await as_user()).id)
        signature = httpx.URL(file.links.download).params["signature"]
        await client.get(file.links.download)
        await client.get(file.links.download, headers={"If-None-Match": "*"})
        await client.get(file.links.download.replace("/download", "/nothing"))

        logged = everything_logged.readouterr().out
        assert f"/files/{file.id}/download" in logged
        assert signature not in logged
