"""Lead times: the days of the original rules for dimensions, the hours of the lot for measured parts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.catalog.rows import Machine
from app.calculator.pipeline.quote import quote
from app.contract.pricing import Price
from tests.factories.parts import make_facts, make_price_request, make_sheet

CATALOG = load()
PRINTED = {"service_id": "printing", "material_id": "PA12"}


def price(catalog: Catalog = CATALOG, /, **changes: Any) -> Price:
    return quote(make_price_request(**{"costs": True, **changes}), catalog)


def parts(answer: Price) -> dict[str, int]:
    return {part.code: part.days for part in answer.lead_time_parts}


def production(answer: Price) -> dict[str, float]:
    (found,) = (part for part in answer.lead_time_parts if part.code == "production")
    return {"days": found.days, **{name: figure.value for name, figure in found.inputs.items()}}


def with_shop(**changes: Any) -> Catalog:
    return CATALOG.with_rows([CATALOG.shop.model_copy(update=changes)])


class TestByRules:
    @pytest.mark.parametrize(
        ("covers", "quantity", "days"),
        [
            ([], 1, 9),
            (["painting"], 1, 10),
            (["painting", "galvanic"], 1, 12),
            ([], 21, 10),
            ([], 501, 12),
        ],
    )
    def test_base_covers_and_quantity_band(self, covers: list[str], quantity: int, days: int) -> None:
        """Days of the original rule engine."""
        answer = price(cover_ids=covers, quantity=quantity)

        assert answer.lead_time_days == days
        assert sum(parts(answer).values()) == days

    def test_control_adds_no_days_to_the_rule(self) -> None:
        assert price(control_id="control-independent").lead_time_days == 9


class TestOfAMeasuredPart:
    def test_is_the_sum_of_its_parts(self) -> None:
        answer = price(facts=make_facts(), cover_ids=["galvanic"], control_id="control-independent")

        assert parts(answer) == {
            "buying-material": 3,
            "developing-technology": 1,
            "developing-program": 1,
            "preparing-material": 1,
            "production": 1,
            "galvanic": 2,
            "control-independent": 2,
        }
        assert answer.lead_time_days == 11

    def test_production_takes_the_hours_of_the_lot_over_those_of_a_day(self) -> None:
        answer = price(facts=make_facts(), quantity=200)

        said = production(answer)
        days = said["hours_on_each_machine"] / 8 + said["handwork"] / 8
        assert said["days"] == int(days) + 1 > 2
        assert said["hours_on_each_machine"] < answer.hours.total - said["handwork"]

    def test_longer_days_and_more_machines_make_it_sooner(self) -> None:
        facts = make_facts()
        catalogs = (
            with_shop(machines_per_order=1),
            with_shop(machines_per_order=3),
            with_shop(machines_per_order=3, hours_per_day=Decimal(16)),
        )

        days = [production(price(one, facts=facts, quantity=500))["days"] for one in catalogs]

        assert days == sorted(days, reverse=True)
        assert len(set(days)) == len(days)

    def test_a_machine_with_days_of_its_own_runs_longer(self) -> None:
        printers = [row for row in CATALOG.machines_of("printing") if row.location_id == "location_3"]
        short = CATALOG.with_rows(row.model_copy(update={"hours_per_day": None}) for row in printers)

        long, usual = (price(one, facts=make_facts(), quantity=300, **PRINTED) for one in (CATALOG, short))

        assert production(long)["machine_hours_per_day"] == 20
        assert production(usual)["machine_hours_per_day"] == 8
        assert long.lead_time_days < usual.lead_time_days
        assert long.total_price == usual.total_price

    def test_no_machine_more_than_there_are(self) -> None:
        fitting = sum(machine.fits for machine in price(facts=make_facts()).machines)

        said = production(price(with_shop(machines_per_order=50), facts=make_facts(), quantity=100))

        assert said["machines"] == fitting

    def test_nothing_is_bought_for_the_customers_own_parts(self) -> None:
        answer = price(facts=make_facts(), service_id="heating", material_id="steel_45")

        assert parts(answer).keys() == {"developing-technology", "production"}

    def test_nobody_programs_a_printer(self) -> None:
        assert "developing-program" not in parts(price(facts=make_facts(), **PRINTED))

    def test_delivery_options_stand_on_it(self) -> None:
        answer = price(facts=make_facts(), quantity=500)

        days = {option.id: option.days for option in answer.lead_times}
        assert days["express"] < days["standard"] == answer.lead_time_days < days["economy"]

    def test_customers_are_told_the_days_alone(self) -> None:
        assert price(facts=make_facts(), costs=False).lead_time_parts == ()

    @settings(max_examples=30, deadline=None)
    @given(
        quantities=st.lists(st.integers(1, 100_000), min_size=2, max_size=5),
        service=st.sampled_from(["cnc-milling", "printing", "laser-cutting", "heating", "painting"]),
    )
    def test_never_falls_when_the_quantity_rises(self, quantities: list[int], service: str) -> None:
        material = {"printing": "PA12", "laser-cutting": "steel_St3", "heating": "steel_45"}
        facts = make_sheet() if service == "laser-cutting" else make_facts()
        wish = {"service_id": service, "material_id": material.get(service, "alum_D16"), "facts": facts}

        days = [price(quantity=count, **wish).lead_time_days for count in sorted(quantities)]

        assert days == sorted(days)


def test_a_machine_runs_a_day_at_most() -> None:
    row = next(iter(CATALOG.machines.values())).model_dump()

    with pytest.raises(ValueError, match="hours_per_day"):
        Machine.model_validate({**row, "hours_per_day": 25})
