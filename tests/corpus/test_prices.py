"""Every real part has a price by every process, or is told what hinders it; no price contradicts itself."""

from collections.abc import Iterator

import httpx
import pytest

from app.calculator.catalog.loader import load
from app.calculator.pipeline.quote import quote
from app.calculator.service import CalculatorService
from app.contract.base import Text
from app.contract.comparison import ComparedOf, Comparison
from app.contract.geometry import PartFacts
from app.contract.pricing import CompareRequest, PriceOf, PriceRequest
from app.contract.problem import Problem
from tests.calculator.pipeline.test_quote_properties import assert_sums

pytestmark = [pytest.mark.corpus, pytest.mark.cad]

CATALOG = load()
QUANTITIES = [1, 2, 3, 5, 9, 10, 20, 21, 50, 100, 101, 500, 501, 10_000]


async def test_a_real_part_is_priced_by_every_process(
    measuring: tuple[httpx.AsyncClient, CalculatorService], measured: httpx.Response
) -> None:
    client, _ = measuring
    if measured.is_client_error:
        pytest.skip("the calculator does not read it")
    facts = PartFacts.model_validate_json(measured.content)
    request = CompareRequest(material_id="alum_D16", quantity=10, quantities=QUANTITIES, facts=facts)

    answer = await client.post(
        "/v1/compare",
        content=request.model_dump_json(exclude_unset=True),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 200, answer.text
    items = Comparison.model_validate_json(answer.content).items
    assert len(items) == len({(item.service_id, str(item.params)) for item in items}) >= 12
    for item in items:
        if item.price is None:
            check_refusal(item, facts)
        else:
            check_price(item.price)
            check_costs(item.price, dict(item.params), facts)


def check_refusal(item: ComparedOf[Text], facts: PartFacts) -> None:
    """It is the customer's to change, and says what."""
    problem = item.problem
    assert isinstance(problem, Problem)
    assert 400 <= problem.status < 500
    assert problem.detail
    if problem.code == "part-outside-limits":
        told = {finding.code for finding in facts.findings}
        own = [finding for finding in problem.findings if finding.code not in told]
        assert own
        assert all(finding.message and finding.fix for finding in own)


def check_price(price: PriceOf[Text]) -> None:
    assert price.total_price > 0
    assert_sums(price.lines, price.total_price)
    assert sum(share.amount for share in price.by_feature) == price.total_price
    assert [one.quantity for one in price.breaks] == QUANTITIES
    totals = [one.total_price for one in price.breaks]
    assert totals == sorted(totals)
    assert price.hours.total > 0
    assert price.material.mass_kg > 0
    assert list(ready(price)) == sorted(ready(price), reverse=True)
    assert all(one.total_price > 0 for one in price.lead_times)


def ready(price: PriceOf[Text]) -> Iterator[int]:
    days = {option.id: option.days for option in price.lead_times}
    return (days[name] for name in ("economy", "standard", "express"))


def check_costs(price: PriceOf[Text], params: dict[str, str], facts: PartFacts) -> None:
    """The cost view is the same price."""
    wish = {"service_id": price.service_id, "material_id": price.material.id, "quantity": price.quantity}

    shop = quote(PriceRequest(**wish, params=params, facts=facts, costs=True), CATALOG)

    assert (shop.total_price, shop.lead_time_days) == (price.total_price, price.lead_time_days)
    assert_sums(shop.cost_lines, shop.total_price)
    assert sum(part.days for part in shop.lead_time_parts) == shop.lead_time_days
