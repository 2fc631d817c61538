from decimal import Decimal

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pricing.overheads import labour_parts, material_parts, price_factor

LOCATIONS = load().locations


class TestCostStructure:
    @pytest.mark.parametrize(
        ("location_id", "price"),
        [("location_1", "6128.66"), ("location_2", "6375.46"), ("location_3", "6997.88")],
    )
    def test_a_thousand_of_material_and_a_thousand_of_work(self, location_id: str, price: str) -> None:
        location = LOCATIONS[location_id]

        total = 1000 * price_factor(material_parts(location)) + 1000 * price_factor(labour_parts(location))

        assert round(total, 2) == Decimal(price)

    def test_net_cost_of_work_is_wage_extra_insurance_overhead_and_administration(self) -> None:
        parts = {name: 1000 * share for name, share in labour_parts(LOCATIONS["location_1"])}

        assert {name: str(round(amount, 4)) for name, amount in parts.items()} == {
            "wage": "1000.0000",
            "extra-salary": "112.4000",
            "insurance": "352.6308",
            "overhead": "1756.8000",
            "administrative": "873.1000",
            "profit": "1023.7327",
        }

    def test_a_documented_sample_of_work_and_material(self) -> None:
        location = LOCATIONS["location_1"]

        price = Decimal("8077.78") * price_factor(labour_parts(location))
        price += Decimal("638.10") * price_factor(material_parts(location))

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

        parts = labour_parts(location)
        factors = (price_factor(parts[:-1]), price_factor(parts))

        assert [round(factor, 6) for factor in factors] == [Decimal(cost), Decimal(price)]
