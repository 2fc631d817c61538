from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from app.catalog.client import CatalogClient
from app.catalog.errors import CatalogInvalid, VersionUnknown
from app.contract.catalog_rows import CatalogContent, CatalogProposal
from app.core.errors import Unavailable, UpstreamFailed
from app.core.http import Upstream, make_client
from tests.support.calculator import StandInCalculator, refusal
from tests.support.catalogs import VERSION, row


@pytest.fixture
async def upstream(calculator: StandInCalculator) -> AsyncIterator[Upstream]:
    async with make_client(transport=httpx.ASGITransport(app=calculator.app())) as client:
        yield Upstream("calculator", "http://calculator.test", client, failures=100)


def relabelled(calculator: StandInCalculator) -> None:
    calculator.catalog = {**calculator.catalog, "currency": "EUR"}


class TestPublic:
    async def test_is_asked_for_once_while_fresh(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=3600)

        first = await client.public(VERSION)
        relabelled(calculator)

        assert (await client.public(VERSION)).currency == first.currency == "RUB"

    async def test_is_asked_for_again_when_old(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=-1)

        await client.public(VERSION)
        relabelled(calculator)

        assert (await client.public(VERSION)).currency == "EUR"

    async def test_is_kept_while_the_calculator_is_away(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=-1)

        await client.public(VERSION)
        calculator.down = True

        assert (await client.public(VERSION)).version == VERSION

    async def test_is_unavailable_when_there_never_was_one(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        calculator.down = True

        with pytest.raises(Unavailable):
            await CatalogClient(upstream, fresh_seconds=0).public(VERSION)

    async def test_of_a_version_that_is_not_held_is_told_apart(self, upstream: Upstream) -> None:
        with pytest.raises(VersionUnknown):
            await CatalogClient(upstream, fresh_seconds=0).public("never-sent")

    async def test_of_another_version_is_kept_beside_the_first(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        client = CatalogClient(upstream, fresh_seconds=3600)
        calculator.shelf.take("another", [])

        versions = [(await client.public(version)).version for version in (VERSION, "another", VERSION)]

        assert versions == [VERSION, "another", VERSION]


class TestConfused:
    async def test_a_calculator_that_always_asks_for_its_catalogue_has_failed(
        self,
    ) -> None:
        async def confused(scope: Scope, receive: Receive, send: Send) -> None:
            await refusal(409, "unknown-catalog")(scope, receive, send)

        async with make_client(transport=httpx.ASGITransport(app=confused)) as opened:
            client = CatalogClient(Upstream("calculator", "http://calculator.test", opened), fresh_seconds=0)
            content = CatalogContent.model_validate({"version": "v2", "rows": []})
            for asking in (client.shipped(), client.shipped_version(), client.send(content)):
                with pytest.raises(UpstreamFailed):
                    await asking


class TestRows:
    async def test_that_are_sent_are_held(self, upstream: Upstream, calculator: StandInCalculator) -> None:
        client = CatalogClient(upstream, fresh_seconds=0)
        content = CatalogContent.model_validate({"version": "v2", "rows": [row("cover", "zinc", days=2)]})

        await client.send(content)

        assert calculator.shelf.held == {"v2": [row("cover", "zinc", days=2)]}

    async def test_that_make_no_catalogue_are_refused_with_every_place(
        self, upstream: Upstream, calculator: StandInCalculator
    ) -> None:
        place = {"field": "catalog.toml, line 3", "message": "cover: days", "code": "invalid-row"}
        calculator.proposal_answer = refusal(422, "catalog-invalid", "no", [place])

        with pytest.raises(CatalogInvalid) as refused:
            await CatalogClient(upstream, fresh_seconds=0).propose(CatalogProposal(base=VERSION))

        assert [error.field for error in refused.value.errors] == ["catalog.toml, line 3"]

    async def test_based_on_a_version_that_is_not_held_are_told_apart(self, upstream: Upstream) -> None:
        with pytest.raises(VersionUnknown):
            await CatalogClient(upstream, fresh_seconds=0).propose(CatalogProposal(base="never-sent"))
