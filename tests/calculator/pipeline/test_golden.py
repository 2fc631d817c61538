"""The original rule engine's figures, and what was corrected on purpose."""

from decimal import Decimal

import pytest

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.pipeline.quote import quote
from app.contract.pricing import CostLine, Price, PriceRequest
from tests.calculator.pipeline.golden import GOLDEN, Golden

CATALOG = load()


def request(golden: Golden, **changes: object) -> PriceRequest:
    wish = {
        "service_id": golden.service_id,
        "dimensions": golden.dimensions,
        "material_id": golden.material_id,
        "material_form": golden.material_form,
        "quantity": golden.quantity,
        "tolerance_id": golden.tolerance_id,
        "finish_id": golden.finish_id,
        "cover_ids": list(golden.cover_ids),
        "control_id": golden.control_id,
        "params": golden.params,
    }
    return PriceRequest.model_validate({**wish, **changes})


def price(golden: Golden, catalog: Catalog = CATALOG, **changes: object) -> Price:
    return quote(request(golden, **changes), catalog)


def leaves(lines: tuple[CostLine, ...]) -> int:
    return sum(leaves(line.children) if line.children else 1 for line in lines)


class TestGolden:
    @pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN.keys())
    def test_reproduces_the_total_or_the_corrected_one(self, golden: Golden) -> None:
        answer = price(golden)

        assert answer.engine == "rules"
        assert abs(answer.total_price - golden.expected) < 1 + Decimal("0.01") * leaves(answer.lines)

    @pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN.keys())
    def test_reproduces_mass_and_days(self, golden: Golden) -> None:
        answer = price(golden)

        assert Decimal(str(answer.material.mass_kg)) == Decimal(golden.mass_kg)
        assert answer.lead_time_days == golden.days

    @pytest.mark.parametrize(
        "golden",
        [golden for number, golden in GOLDEN.items() if number != 13],
        ids=lambda row: str(row.total),
    )
    def test_reproduces_the_hours_of_a_piece(self, golden: Golden) -> None:
        answer = price(golden)

        assert answer.hours.total / golden.quantity == pytest.approx(float(golden.hours_each), abs=6e-4)


class TestCorrections:
    @pytest.mark.parametrize("number", [7, 22])
    def test_a_total_that_fell_with_quantity_is_that_of_the_next_band(self, number: int) -> None:
        golden = GOLDEN[number]
        first_of_band = {7: 21, 22: 101}[number]

        original = price(golden, quantity=first_of_band).unit_price * golden.quantity
        corrected = price(golden)

        assert abs(original - golden.total) < 1
        assert corrected.total_price == Decimal(str(golden.corrected))

    @pytest.mark.parametrize(("first", "last", "total"), [(92, 100, "138479.08"), (477, 500, "653143.68")])
    def test_corrects_exactly_the_quantities_that_cost_more_than_the_next_band(
        self, first: int, last: int, total: str
    ) -> None:
        totals = [
            price(GOLDEN[7], quantity=count).total_price for count in (first - 1, first, last, last + 1)
        ]

        assert totals[0] < Decimal(total)
        assert totals[1:] == [Decimal(total)] * 3

    def test_a_metal_whose_mass_cost_no_time_takes_the_time_of_its_family(self) -> None:
        golden = GOLDEN[13]
        steel = CATALOG.materials["steel_45"]
        original = steel.model_copy(update={"k_handle_min_per_g": steel.original_k_handle})

        old = price(golden, CATALOG.with_rows([original]))
        new = price(golden)

        assert abs(old.total_price - golden.total) < 1
        assert old.hours.total == pytest.approx(float(golden.hours_each), abs=6e-4)
        assert (new.total_price, new.hours.total) == (Decimal("20957.37"), 6.064)

    def test_every_metal_without_machining_time_was_corrected(self) -> None:
        corrected = {row.id for row in CATALOG.materials.values() if row.original_k_handle is not None}

        assert len(corrected) == 11
        assert all(CATALOG.materials[name].k_handle_min_per_g for name in corrected)

    def test_a_cover_asked_twice_counts_once_in_price_and_in_days(self) -> None:
        twice = price(GOLDEN[1], cover_ids=["painting", "painting"])

        original_days = 11
        assert abs(twice.total_price - 1109) < 1
        assert twice.lead_time_days == original_days - 1

    def test_the_asked_location_sets_the_rates(self) -> None:
        original = price(GOLDEN[10])
        dubna = price(GOLDEN[10], location_id="location_2")

        assert abs(original.total_price - 1466) < 1
        assert dubna.total_price == Decimal("1218.21")
        assert dubna.used["location_id"].value == "location_2"

    def test_a_certificate_that_crashed_the_original_costs_nothing(self) -> None:
        answer = price(GOLDEN[10], certificate_ids=["a", "f"])

        assert answer.total_price == price(GOLDEN[10]).total_price
        assert [child.code for child in answer.lines[-1].children] == ["a", "f"]
