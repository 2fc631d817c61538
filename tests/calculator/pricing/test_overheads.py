from decimal import Decimal

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pricing.overheads import (
    labour_cost_factor,
    labour_price_factor,
    material_price_factor,
)

LOCATIONS = load().locations


class TestCostStructure:
    @pytest.mark.parametrize(
        ("location_id", "price"),
        [("location_1", "6128.66"), ("location_2", "6375.46"), ("location_3", "6997.88")],
    )
    def test_a_thousand_of_material_and_a_thousand_of_work(self, location_id: str, price: str) -> None:
        location = LOCATIONS[location_id]

        total = 1000 * material_price_factor(location) + 1000 * labour_price_factor(location)

        assert round(total, 2) == Decimal(price)

    def test_net_cost_of_work_is_wage_extra_insurance_overhead_and_administration(self) -> None:
        wage, extra, insurance, overhead, administrative = map(
            Decimal, ("1000", "112.40", "352.6308", "1756.80", "873.10")
        )

        cost = 1000 * labour_cost_factor(LOCATIONS["location_1"])

        assert cost == wage + extra + insurance + overhead + administrative

    def test_a_documented_sample_of_work_and_material(self) -> None:
        location = LOCATIONS["location_1"]

        price = Decimal("8077.78") * labour_price_factor(location)
        price += Decimal("638.10") * material_price_factor(location)

        assert abs(price - Decimal("41991.91")) < Decimal("0.05")

    @pytest.mark.parametrize(
        ("location_id", "cost", "price"),
        [
            ("location_1", "4.094931", "5.118664"),
            ("location_2", "4.292370", "5.365462"),
            ("location_3", "4.790305", "5.987881"),
        ],
    )
    def test_factors_on_the_wage(self, location_id: str, cost: str, price: str) -> None:
        location = LOCATIONS[location_id]

        factors = (labour_cost_factor(location), labour_price_factor(location))

        assert [round(factor, 6) for factor in factors] == [Decimal(cost), Decimal(price)]
