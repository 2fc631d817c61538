from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pipeline.quote import quote
from app.contract.pricing import Price
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()


def price(**changes: Any) -> Price:
    return quote(make_price_request(**changes), CATALOG)


def test_is_looked_for_only_when_asked() -> None:
    assert price().sensitivity == ()


def test_every_change_is_the_price_a_request_for_it_would_get() -> None:
    answer = price(
        facts=make_facts(),
        tolerance_id="IT7",
        finish_id="Ra1.6",
        cover_ids=["painting"],
        quantity=9,
        sensitivity=True,
    )

    told = {change.code: change for change in answer.sensitivity}
    wishes: dict[str, dict[str, Any]] = {
        "tolerance": {"tolerance_id": "IT8"},
        "finish": {"finish_id": "Ra3.2"},
        "cover": {"cover_ids": []},
        "quantity": {"quantity": 10},
        "lead-time": {"lead_time": "economy"},
    }
    same = {"tolerance_id": "IT7", "finish_id": "Ra1.6", "cover_ids": ["painting"], "quantity": 9}
    assert told.keys() <= wishes.keys()
    assert len(told) >= 4
    for code, change in told.items():
        instead = price(facts=make_facts(), **{**same, **wishes[code]})
        assert change.total_price == instead.total_price
        assert change.effect == pytest.approx(1 - float(instead.unit_price / answer.unit_price), abs=1e-4)


def test_the_most_effective_comes_first_and_five_are_told() -> None:
    facts = make_facts(features=[make_hole(number) for number in range(8)])
    answer = price(
        facts=facts,
        tolerance_id="IT7",
        finish_id="Ra0.8",
        cover_ids=["painting", "galvanic"],
        sensitivity=True,
    )

    effects = [change.effect for change in answer.sensitivity]
    assert effects == sorted(effects, reverse=True)
    assert len(effects) == 5
    assert min(effects) > 0


def test_a_deep_hole_is_named_with_its_feature() -> None:
    deep = make_hole(3, diameter_mm=5, depth_mm=48) | {"type": "blind"}
    answer = price(facts=make_facts((100, 80, 60), features=[deep]), sensitivity=True)

    change = next(one for one in answer.sensitivity if one.code == "hole-depth")
    assert change.feature_id == "hole-3"
    assert change.label.en == "Hole depth 48 → 20 mm"


def test_changes_nothing_about_the_price_itself() -> None:
    asked, quiet = (price(facts=make_facts(), quantity=5, sensitivity=wish) for wish in (True, False))

    assert (asked.total_price, asked.quote_hash) == (quiet.total_price, quiet.quote_hash)


class TestBand:
    def test_holds_the_total(self) -> None:
        answer = price(facts=make_facts())

        assert answer.band is not None
        assert answer.band.low < answer.total_price < answer.band.high
        assert answer.band.low == round(answer.total_price * Decimal("0.75"), 2)

    def test_is_not_there_where_nobody_measured(self) -> None:
        assert price().band is None

    def test_a_part_of_an_unmeasured_size_is_looked_at_by_a_person(self) -> None:
        answer = price(facts=make_facts((1900, 300, 100)))

        assert "outside-calibrated-range" in [reason.code for reason in answer.reasons]
        assert answer.review
