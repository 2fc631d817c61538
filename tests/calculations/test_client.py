"""What the calculator may not be believed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.calculations.client import PricingClient
from app.contract.pricing import BoxDimensions, CompareRequest, PriceRequest
from app.core.errors import UpstreamFailed
from app.core.http import Upstream
from tests.support.calculator import comparison, price

BOX = BoxDimensions(length_mm=Decimal(20), width_mm=Decimal(12), height_mm=Decimal(8))
ASKED = PriceRequest(service_id="cnc-milling", quantity=2, dimensions=BOX)
Change = Callable[[dict[str, Any]], object]


def client_of(answer: dict[str, Any]) -> PricingClient:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer)

    transport = httpx.MockTransport(handle)
    return PricingClient(Upstream("calculator", "http://calculator", httpx.AsyncClient(transport=transport)))


def of(**changes: Any) -> Change:
    return lambda answer: answer.update(changes)


UNBELIEVABLE: dict[str, Change] = {
    "less than nothing": of(total_price="-200.00", unit_price="-100.00"),
    "for nothing": of(total_price="0.00", unit_price="0.00", lines=[]),
    "pieces that are not the total": of(unit_price="1.00"),
    "lines that are not the total": lambda answer: answer["lines"][0].update(amount="1.00"),
    "another quantity": of(quantity=3, total_price="300.00"),
    "another service": of(service_id="painting"),
    "a count in quotation marks": of(quantity="2"),
    "hours below nothing": lambda answer: answer["hours"].update(total=-1),
    "hours without end": lambda answer: answer["hours"].update(total=1e308),
    "hours in quotation marks": lambda answer: answer["hours"].update(total="0.3"),
    "days below nothing": of(lead_time_days=-4),
}


class TestPrice:
    async def test_that_agrees_with_itself_is_believed(self) -> None:
        found = await client_of(price({"service_id": "cnc-milling", "quantity": 2})).price(ASKED)

        assert found.total_price == Decimal("200.00")

    @pytest.mark.parametrize("change", UNBELIEVABLE.values(), ids=UNBELIEVABLE.keys())
    async def test_that_cannot_be_is_the_fault_of_the_calculator(self, change: Change) -> None:
        answer = price({"service_id": "cnc-milling", "quantity": 2})
        change(answer)

        with pytest.raises(UpstreamFailed):
            await client_of(answer).price(ASKED)


class TestComparison:
    async def test_with_a_price_that_cannot_be_is_refused(self) -> None:
        answer = comparison({"quantity": 2})
        answer["items"][0]["price"]["total_price"] = "1.00"

        with pytest.raises(UpstreamFailed):
            await client_of(answer).compare(CompareRequest(quantity=2, dimensions=BOX))
