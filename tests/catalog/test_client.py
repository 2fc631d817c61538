from collections.abc import AsyncIterator

import httpx
import pytest

from app.catalog.client import CatalogClient
from app.core.errors import Unavailable
from app.core.http import Upstream, make_client
from tests.support.calculator import StandInCalculator, catalog


@pytest.fixture
async def upstream(calculator: StandInCalculator) -> AsyncIterator[Upstream]:
    async with make_client(transport=httpx.ASGITransport(app=calculator.app())) as client:
        yield Upstream("calculator", "http://calculator.test", client, failures=100)


class TestCurrent:
    async def test_is_asked_for_once_while_fresh(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=3600)

        first = await client.current()
        calculator.catalog = catalog("catalog-2")

        assert (await client.current()).version == first.version == "catalog-1"

    async def test_is_asked_for_again_when_old(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=0)

        await client.current()
        calculator.catalog = catalog("catalog-2")

        assert (await client.current()).version == "catalog-2"

    async def test_is_kept_while_the_calculator_is_away(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=0)

        await client.current()
        calculator.down = True

        assert (await client.current()).version == "catalog-1"

    async def test_is_unavailable_when_there_never_was_one(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        calculator.down = True

        with pytest.raises(Unavailable):
            await CatalogClient(upstream, fresh_seconds=0).current()
