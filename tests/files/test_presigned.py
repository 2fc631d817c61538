import httpx
import pytest

from app.core.names import attachment
from app.core.resources import Resources
from app.core.sections import StorageSection
from app.core.storage import Storage
from tests.factories.files import STEP, make_file
from tests.support.auth import MakeAccount


@pytest.fixture
def storage(s3_settings: StorageSection) -> Storage:
    """An S3 store browsers can reach."""
    return Storage.of(s3_settings)


async def test_two_owners_of_a_content_get_it_from_the_store_under_their_own_names(
    client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources, s3_settings: StorageSection
) -> None:
    async with httpx.AsyncClient(trust_env=False) as browser:
        for name in ("вал.stp", "shaft.step"):
            user = await as_user()
            file = await make_file(resources, owner_id=user.id, name=name)
            row = (await client.get(f"/api/v1/files/{file.id}", headers=user.headers)).json()

            answer = await browser.get(row["links"]["download"])

            assert row["links"]["download"].startswith(s3_settings.endpoint)
            assert answer.content == STEP
            assert answer.headers["content-disposition"] == attachment(name)


async def test_our_own_address_works_all_the_same(
    client: httpx.AsyncClient, as_user: MakeAccount, resources: Resources
) -> None:
    user = await as_user()
    file = await make_file(resources, owner_id=user.id)

    answer = await client.get(f"/api/v1/files/{file.id}/download", headers=user.headers)

    assert answer.content == STEP
