"""The API's clients against the real calculator: what one says the other understands."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, cast

import httpx
import pytest
from starlette.types import ASGIApp

from app.analyses.client import GeometryClient
from app.analyses.errors import CadInvalid, CadUnreadable
from app.calculations.client import PricingClient
from app.calculations.errors import MaterialNotAllowed, PartOutsideLimits, PriceOnRequest
from app.calculator.config import CalculatorSettings
from app.calculator.main import create_app
from app.catalog.client import CatalogClient
from app.catalog.errors import VersionUnknown
from app.contract.pricing import CompareRequest, PriceRequest
from app.core.errors import Rejected
from app.core.http import Upstream, make_client
from app.files.demo import FOLDER, NAMES
from app.files.incoming import in_pieces
from app.resources import CalculatorReady
from tests.support.lifespan import running

pytestmark = pytest.mark.cad

BOX = {"length_mm": Decimal(100), "width_mm": Decimal(50), "height_mm": Decimal(25)}


@pytest.fixture(scope="module")
async def upstream() -> AsyncIterator[Upstream]:
    app = cast("ASGIApp", create_app(CalculatorSettings(_env_file=None)))
    async with running(app), make_client(transport=httpx.ASGITransport(app=app)) as client:
        yield Upstream("calculator", "http://calculator.test", client, timeout_seconds=60)


def request(**changes: Any) -> PriceRequest:
    asked = {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX}
    return PriceRequest.model_validate({**asked, **changes})


async def test_is_ready_in_the_words_readiness_waits_for(upstream: Upstream) -> None:
    await GeometryClient(upstream).analyse(in_pieces((FOLDER / NAMES[0]).read_bytes()), NAMES[0])

    response = await upstream.request("GET", "/health/ready")

    assert upstream.read(response, CalculatorReady).status == "ready"


class TestGeometry:
    @pytest.mark.parametrize("name", NAMES)
    async def test_measures_the_demo_parts(self, name: str, upstream: Upstream) -> None:
        content = (FOLDER / name).read_bytes()

        facts = await GeometryClient(upstream).analyse(in_pieces(content), name)

        assert facts.complete
        assert facts.watertight
        assert facts.volume_mm3 is not None
        box = facts.bounding_box_mm
        assert 0 < facts.volume_mm3 < box.x * box.y * box.z

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [
            (b"ISO-10303-21;\nnothing more", CadUnreadable),
            (b" " * 80 + (0).to_bytes(4, "little"), CadInvalid),
            (b"neither", CadUnreadable),
        ],
    )
    async def test_translates_refusals(
        self, content: bytes, refusal: type[Rejected], upstream: Upstream
    ) -> None:
        with pytest.raises(refusal):
            await GeometryClient(upstream).analyse(in_pieces(content), "part")


class TestPricing:
    async def test_prices_by_dimensions_and_by_facts(self, upstream: Upstream) -> None:
        pricing = PricingClient(upstream)
        facts = await GeometryClient(upstream).analyse(in_pieces((FOLDER / NAMES[0]).read_bytes()), "a")

        by_rules = await pricing.price(request())
        by_features = await pricing.price(request(dimensions=None, facts=facts, quantity=10))

        assert (by_rules.engine, by_features.engine) == ("rules", "features")
        for price in (by_rules, by_features):
            assert sum(line.amount for line in price.lines) == price.total_price > 0

    async def test_compares_every_way_to_make_a_part(self, upstream: Upstream) -> None:
        comparison = await PricingClient(upstream).compare(
            CompareRequest(dimensions=request().dimensions, material_id="alum_D16")
        )

        milling = next(item for item in comparison.items if item.service_id == "cnc-milling")
        assert milling.price is not None
        assert len(comparison.items) > len({item.service_id for item in comparison.items}) > 2

    async def test_by_a_catalogue_it_does_not_hold_is_told_apart(self, upstream: Upstream) -> None:
        with pytest.raises(VersionUnknown):
            await PricingClient(upstream).price(request(catalog_version="another"))

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"service_id": "welding"}, PriceOnRequest),
            ({"service_id": "alchemy"}, Rejected),
            ({"material_id": "PA12"}, MaterialNotAllowed),
            ({"dimensions": {**BOX, "length_mm": Decimal(50_000)}}, PartOutsideLimits),
            ({"tolerance_id": "IT99"}, Rejected),
        ],
    )
    async def test_translates_refusals(
        self, changes: dict[str, Any], refusal: type[Exception], upstream: Upstream
    ) -> None:
        with pytest.raises(refusal):
            await PricingClient(upstream).price(request(**changes))


async def test_the_catalogue_names_everything_in_both_languages(upstream: Upstream) -> None:
    client = CatalogClient(upstream, fresh_seconds=0)
    catalog = await client.public(await client.shipped_version())

    assert {"cnc-milling", "cnc-lathe", "printing"} <= {process.id for process in catalog.processes}
    assert all(service.label.en and service.label.ru for service in catalog.services)
