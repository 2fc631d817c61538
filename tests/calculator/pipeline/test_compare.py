from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pipeline.compare import compare
from app.calculator.pipeline.quote import quote
from app.contract.comparison import ComparedOf
from app.contract.pricing import CompareRequest
from tests.factories.parts import make_facts, make_price_request

CATALOG = load()


def compared(**changes: Any) -> dict[str, ComparedOf[Any]]:
    wish = {"facts": make_facts(), "material_id": "alum_D16", **changes}
    answer = compare(CompareRequest.model_validate(wish), CATALOG)
    return {"/".join((item.service_id, *item.params.values())): item for item in answer.items}


def test_every_process_and_technology_is_there_once() -> None:
    found = compared()

    assert found.keys() >= {
        *("cnc-milling", "cnc-lathe"),
        *(f"printing/{technology}" for technology in ("FDM", "SLA", "SLS", "MJF", "DMLS")),
    }


def test_a_price_is_that_of_a_request_for_the_service_alone() -> None:
    alone = quote(make_price_request(facts=make_facts(), quantity=7), CATALOG)

    found = compared(quantity=7)["cnc-milling"].price

    assert found is not None
    assert (found.total_price, found.quote_hash) == (alone.total_price, alone.quote_hash)


def test_what_cannot_make_the_part_says_why() -> None:
    problem = compared()["cnc-lathe"].problem

    assert problem is not None
    assert (problem.status, problem.code) == (422, "part-outside-limits")
    assert [finding.code for finding in problem.findings] == ["not-round"]


def test_a_material_that_cannot_be_used_is_replaced_by_the_cheapest_that_can() -> None:
    price = compared()["printing/FDM"].price

    assert price is not None
    used = price.used["material_id"]
    assert (used.value, used.assumed) == ("ABS", True)


def test_a_material_that_can_be_used_stays() -> None:
    price = compared(material_id="PA12")["printing/MJF"].price

    assert price is not None
    assert (price.used["material_id"].value, price.used["material_id"].assumed) == ("PA12", False)


def test_an_unknown_material_is_refused_by_all() -> None:
    codes = {item.problem.code for item in compared(material_id="mithril").values() if item.problem}

    assert codes == {"validation-failed"}


def test_parameters_are_those_of_the_named_service() -> None:
    found = compared(service_id="printing", params={"infill": "0.9"})

    price = found["printing/FDM/0.9"].price
    assert price is not None
    assert price.used["params.infill"].value == "0.9"


def test_a_chosen_technology_leaves_the_others_of_its_service_out() -> None:
    found = compared(service_id="printing", params={"technology": "SLA"})

    assert [name for name in found if name.startswith("printing")] == ["printing/SLA"]


@pytest.mark.parametrize("quantity", [1, 30])
def test_options_apply_to_all(quantity: int) -> None:
    for item in compared(quantity=quantity, cover_ids=["painting"]).values():
        assert item.problem is not None or (item.price is not None and item.price.quantity == quantity)
