"""Lots at a galvanic line: what the material and the thickness allow, and what a lot holds."""

from contextlib import suppress
from math import pi
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import CalculatorError, MaterialNotAllowed, PartOutsideLimits
from app.calculator.pipeline.quote import quote
from app.calculator.processes.electroplating import BATHS
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()
ROUBLES_PER_DOLLAR = 80


def price(**changes: Any) -> Price:
    wish = {"service_id": "electroplating", "material_id": "steel_20", **changes}
    if "dimensions" not in wish:
        wish.setdefault("facts", make_facts())
    return quote(make_price_request(**wish), CATALOG)


def line(answer: Price, code: str) -> CostLine:
    return next(one for top in answer.lines for one in (top, *top.children) if one.code == code)


class TestTreatment:
    @pytest.mark.parametrize(
        ("material_id", "family", "treatment"),
        [
            ("steel_20", "steel", "zinc"),
            ("steel_12X18H10T", "stainless", "passivation"),
            ("alum_D16", "aluminium", "anodising"),
            ("titanium_VT6", "titanium", "anodising"),
            ("brass_L63", "brass", "tin"),
        ],
    )
    def test_left_open_is_the_usual_one_of_the_material(
        self, material_id: str, family: str, treatment: str
    ) -> None:
        used = price(material_id=material_id).used

        assert (used["params.electroplating_family"].value, used["params.electroplating_family"].assumed) == (
            family,
            True,
        )
        assert used["params.electroplating_process_id"].value == treatment

    @pytest.mark.parametrize("treatment", sorted(BATHS))
    def test_is_done_on_its_families_and_refused_on_all_others(self, treatment: str) -> None:
        able = set()
        for material_id in ("steel_20", "steel_12X18H10T", "alum_D16", "titanium_VT6", "copper_M1"):
            with suppress(MaterialNotAllowed):
                answer = price(material_id=material_id, params={"electroplating_process_id": treatment})
                able.add(answer.used["params.electroplating_family"].value)

        known = {"steel", "stainless", "aluminium", "titanium", "copper"}
        assert able == set(BATHS[treatment].families) & known  # type: ignore[index]

    def test_another_family_than_that_of_the_material_is_refused(self) -> None:
        with pytest.raises(MaterialNotAllowed, match="steel_20 is of the family steel, not copper"):
            price(params={"electroplating_family": "copper"})


class TestThickness:
    def test_of_a_layer_costs_by_the_micron(self) -> None:
        prices = [
            line(price(params={"coating_thickness_microns": microns}, quantity=50), "surface").amount
            for microns in (5, 15, 25)
        ]

        assert prices[0] < prices[1] < prices[2]
        assert float(prices[2] - prices[1]) == pytest.approx(float(prices[1] - prices[0]), abs=0.02)

    @pytest.mark.parametrize("microns", ["4.9", "25.1"])
    def test_outside_the_range_of_the_treatment_is_refused(self, microns: str) -> None:
        with pytest.raises(PartOutsideLimits) as caught:
            price(params={"coating_thickness_microns": microns})

        (finding,) = caught.value.findings
        assert (finding.code, finding.value) == ("layer-out-of-range", float(microns))

    def test_of_a_treatment_that_works_into_the_surface_is_its_depth(self) -> None:
        answer = price(material_id="alum_D16", params={"processing_depth_microns": 20})

        assert line(answer, "surface").inputs["thickness_per_piece"].value == 20

    @pytest.mark.parametrize(
        ("material_id", "params"),
        [
            ("alum_D16", {"coating_thickness_microns": 10}),
            ("steel_20", {"processing_depth_microns": 10}),
        ],
    )
    def test_given_as_the_wrong_figure_is_refused(self, material_id: str, params: dict[str, int]) -> None:
        with pytest.raises(PartOutsideLimits) as caught:
            price(material_id=material_id, params=params)

        assert [finding.code for finding in caught.value.findings] == ["wrong-thickness"]


class TestLot:
    def test_costs_what_is_published(self) -> None:
        """200 to 1000 USD for plating and anodising, 100 to 300 for passivation."""
        lots = {
            name.removeprefix("electroplating."): float(figures["lot_price"]) / ROUBLES_PER_DOLLAR
            for name, figures in CATALOG.figures.items()
            if name.startswith("electroplating.")
        }

        assert 100 <= lots.pop("passivation") <= 300
        assert 100 <= lots.pop("oxide") <= 300
        assert all(200 <= lot <= 1000 for lot in lots.values())

    def test_is_shared_by_what_it_holds(self) -> None:
        """Four square metres; a piece of 0.02475 m2: 161 pieces."""
        facts = make_facts(area_mm2=24_750)

        lots = [
            line(price(facts=facts, quantity=count), "lot").inputs["batches"].value for count in (161, 162)
        ]
        assert lots == [1, 2]

    def test_of_one_large_part_is_one_lot(self) -> None:
        facts = make_facts((1500, 800, 600), area_mm2=9e6)

        assert line(price(facts=facts, quantity=3), "lot").inputs["batches"].value == 3

    def test_masked_holes_are_paid_for_and_not_plated(self) -> None:
        facts = make_facts(features=[make_hole(1, 10, 25)])

        answer = price(facts=facts, params={"mask": "holes"})

        assert line(answer, "masking").feature_id == "hole-1"
        assert line(answer, "surface").inputs["masked_area_per_piece"].value == pytest.approx(
            pi * 250, rel=1e-4
        )

    def test_parts_of_which_nothing_is_left_to_be_plated_share_one_lot(self) -> None:
        facts = make_facts(area_mm2=100, features=[make_hole(1, 10, 25)])

        answer = price(facts=facts, params={"mask": "holes"}, quantity=500)

        assert line(answer, "lot").inputs["batches"].value == 1

    def test_a_part_larger_than_the_bath_is_refused(self) -> None:
        with pytest.raises(CalculatorError, match="No machine"):
            price(facts=make_facts((1600, 100, 100)))
