"""Loads of a furnace: what is done on which metal, what a load holds, how long it takes."""

from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import MaterialNotAllowed, PartOutsideLimits
from app.calculator.pipeline.quote import quote
from app.calculator.processes.heating import TREATMENTS
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_price_request

CATALOG = load()
ROUBLES_PER_DOLLAR = 80


def price(**changes: Any) -> Price:
    wish = {"service_id": "heating", "material_id": "steel_45", "facts": make_facts(), **changes}
    return quote(make_price_request(**wish), CATALOG)


def line(answer: Price, code: str) -> CostLine:
    return next(one for top in answer.lines for one in (top, *top.children) if one.code == code)


class TestTreatment:
    @pytest.mark.parametrize(
        ("material_id", "treatment"),
        [
            ("steel_45", "hardening"),
            ("steel_20", "stress-relief"),
            ("steel_12X18H10T", "stress-relief"),
            ("alum_D16", "ageing"),
            ("copper_M1", "annealing"),
        ],
    )
    def test_left_open_is_the_usual_one_of_the_material(self, material_id: str, treatment: str) -> None:
        used = price(material_id=material_id).used["params.treatment"]

        assert (used.value, used.assumed) == (treatment, True)

    def test_that_is_not_done_on_the_metal_names_those_that_are(self) -> None:
        with pytest.raises(
            MaterialNotAllowed, match="hardening is not done on steel_20; possible: stress-relief"
        ):
            price(material_id="steel_20", params={"treatment": "hardening"})

    def test_every_material_that_is_treated_has_one(self) -> None:
        groups = set().union(*TREATMENTS.values())
        treated = [
            row
            for row in CATALOG.materials.values()
            if any("heating" in form.processes for form in row.forms)
        ]

        assert treated
        assert all(row.machinability in groups for row in treated)


class TestHardness:
    def test_that_is_asked_for_is_measured(self) -> None:
        plain, tested = (price(params=params, quantity=10) for params in ({}, {"hardness_hrc": 45}))

        assert tested.hours.finishing - plain.hours.finishing == pytest.approx(10 * 1.5 / 60, abs=1e-4)

    @pytest.mark.parametrize(
        ("material_id", "params"),
        [
            ("steel_45", {"hardness_hrc": 66}),
            ("steel_45", {"hardness_hrc": 20}),
            ("steel_45", {"hardness_hrc": 45, "treatment": "annealing"}),
            ("alum_D16", {"hardness_hrc": 45}),
        ],
    )
    def test_that_is_not_reached_is_refused(self, material_id: str, params: dict[str, Any]) -> None:
        with pytest.raises(PartOutsideLimits) as caught:
            price(material_id=material_id, params=params)

        assert [finding.code for finding in caught.value.findings] == ["hardness-out-of-range"]


class TestLoad:
    def test_costs_what_is_published(self) -> None:
        """150 to 800 USD a load."""
        loads = [
            float(figures["lot_price"]) / ROUBLES_PER_DOLLAR
            for name, figures in CATALOG.figures.items()
            if name.startswith("heating.")
        ]

        assert len(loads) == len(TREATMENTS)
        assert all(150 <= load_price <= 800 for load_price in loads)

    def test_a_thicker_part_is_longer_in_the_furnace(self) -> None:
        """An hour per inch: 25.4 mm more take an hour more."""
        thin, thick = (price(facts=make_facts((200, 100, height))) for height in (20.0, 45.4))

        hours = [line(answer, "furnace").inputs["time"].value for answer in (thin, thick)]
        assert hours[1] - hours[0] == pytest.approx(25.4 * 2.4 / 60, abs=1e-3)

    @pytest.mark.parametrize(
        ("extents", "volume", "most"),
        [((100.0, 50.0, 25.0), 90_000, 283), ((600.0, 400.0, 300.0), 3_000_000, 3)],
        ids=["by mass", "by room"],
    )
    def test_holds_so_much_mass_and_has_so_much_room(
        self, extents: tuple[float, float, float], volume: float, most: int
    ) -> None:
        facts = make_facts(extents, volume_mm3=volume)

        loads = [
            line(price(facts=facts, quantity=count), "load").inputs["batches"].value
            for count in (most, most + 1)
        ]

        assert loads == [1, 2]

    def test_pieces_too_light_to_be_weighed_share_one_load(self) -> None:
        facts = make_facts((2, 1.3, 1), volume_mm3=1)

        assert line(price(facts=facts, quantity=500), "load").inputs["batches"].value == 1

    def test_energy_goes_by_the_mass(self) -> None:
        energy = line(price(quantity=10), "energy")

        assert energy.inputs["mass_per_piece"].value == pytest.approx(90_000e-9 * 7826, abs=1e-4)
