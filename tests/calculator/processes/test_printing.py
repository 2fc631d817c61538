"""The printing technologies against published examples and against a slicer."""

from math import pi
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import MaterialNotAllowed
from app.calculator.pipeline.quote import quote
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_price_request

CATALOG = load()
FILAMENT = {"service_id": "printing", "material_id": "PLA"}


def price(facts: Any, **changes: Any) -> Price:
    return quote(make_price_request(facts=facts, **changes), CATALOG)


def standing(
    extents: tuple[float, float, float], volume: float, area: float, wall: float, roof: float, **changes: Any
) -> Any:
    """A part that is printed as it was drawn."""
    overhang = {
        "up": (0, 0, 1),
        "area_mm2": 0,
        "support_volume_mm3": 0,
        "contact_mm2": roof,
        "height_mm": extents[2],
        "wall_mm2": wall,
        "roof_mm2": roof,
    }
    overhang |= changes.pop("overhang", {})
    return make_facts(extents, volume_mm3=volume, area_mm2=area, overhangs=[overhang], **changes)


def block(x: float, y: float, z: float) -> Any:
    around = 2 * (x + y) * z
    return standing((x, y, z), x * y * z, around + 2 * x * y, around, x * y)


def line(answer: Price, group: str) -> CostLine:
    return next(line for line in answer.lines if line.code == group)


SLICED = {
    "cube 20": (block(20, 20, 20), 1153),
    "plate 100 x 50 x 10": (block(100, 50, 10), 5584),
    "cylinder 50 x 60": (
        standing((50, 50, 60), 117_615, 13_341, pi * 50 * 60, pi * 25**2),
        8685,
    ),
    "tube 50/44 x 60": (
        standing((50, 50, 60), 26_534, 18_596, pi * 94 * 60, pi * (25**2 - 22**2)),
        7505,
    ),
    "open box 40 x 40 x 80": (
        standing((40, 40, 80), 38_988, 26_472, 4 * 40 * 80 + 4 * 34 * 77, 1600),
        11_158,
    ),
    "L bracket": (standing((50, 30, 40), 22_090, 9_348, 6000, 1500), 4349),
}
"""Seconds of PrusaSlicer 2.5.0, default profile, 0.2 mm layers, three walls, a fifth filled, no support."""


class TestFilament:
    @pytest.mark.parametrize("name", sorted(SLICED))
    def test_takes_about_as_long_as_a_slicer_says(self, name: str) -> None:
        facts, seconds = SLICED[name]

        assert price(facts, **FILAMENT).hours.machining * 3600 == pytest.approx(seconds, rel=0.25)

    def test_misses_the_slicer_by_a_tenth_on_average(self) -> None:
        misses = [
            abs(price(facts, **FILAMENT).hours.machining * 3600 / seconds - 1)
            for facts, seconds in SLICED.values()
        ]

        assert sum(misses) / len(misses) <= 0.10

    def test_a_denser_filling_takes_longer_and_weighs_more(self) -> None:
        light, dense = (
            price(block(60, 60, 60), **FILAMENT, params={"infill": infill}) for infill in ("0.1", "0.9")
        )

        assert dense.hours.machining > light.hours.machining
        assert dense.material.mass_kg > light.material.mass_kg

    def test_a_full_block_weighs_no_more_than_its_volume(self) -> None:
        answer = price(block(60, 60, 60), **FILAMENT, params={"infill": "1"})

        assert answer.material.volume_mm3 == pytest.approx(60**3)

    def test_support_is_printed_and_paid(self) -> None:
        free = block(40, 40, 40)
        held = standing(
            (40, 40, 40), 64_000, 9600, 6400, 1600, overhang={"area_mm2": 800, "support_volume_mm3": 20_000}
        )

        assert price(held, **FILAMENT).total_price > price(free, **FILAMENT).total_price

    def test_pieces_share_the_plate(self) -> None:
        one, few = (price(block(40, 40, 20), **FILAMENT, quantity=count) for count in (1, 8))

        assert line(one, "setup").amount == line(few, "setup").amount

    def test_the_hour_of_the_machine_is_no_wage(self) -> None:
        answer = price(block(40, 40, 20), **FILAMENT, costs=True)

        machining = next(one for one in answer.cost_lines if one.code == "machining")
        assert [part.code for part in machining.children] == ["machine", "profit"]


class TestMetal:
    def test_a_published_bracket_of_ten_cubic_centimetres(self) -> None:
        """docs.phas.io: 316L at 5,000 mm3/h, 130 EUR/h, 150 EUR set-up, 100 EUR/kg: about 449 EUR, 65 %."""
        answer = price(
            standing((40, 30, 25), 10_000, 6000, 4000, 1200, hull_volume_mm3=13_000),
            service_id="printing",
            material_id="powder_316L",
        )

        melted = line(answer, "machining").inputs["melted_volume_per_piece"].value
        hours = answer.hours.machining
        cost = 150 + hours * 130 + melted * 8e-6 * 100
        assert melted == pytest.approx(10_000 + 0.4 * 3_000)
        assert cost == pytest.approx(449, rel=0.01)
        assert hours * 130 / cost == pytest.approx(0.65, abs=0.01)


class TestResin:
    def test_a_build_takes_as_long_as_it_is_high_whatever_stands_in_it(self) -> None:
        wish = {"service_id": "printing", "material_id": "resin_standard"}
        low, high = (price(block(20, 20, height), **wish) for height in (20, 40))
        many = price(block(20, 20, 20), **wish, quantity=9)

        assert high.hours.machining == pytest.approx(2 * low.hours.machining, rel=1e-3)
        assert many.hours.machining == low.hours.machining


class TestFusing:
    def test_takes_the_time_of_the_space_with_its_clearance(self) -> None:
        answer = price(
            block(70, 60, 50),
            service_id="printing",
            material_id="PA12",
            params={"technology": "MJF"},
            quantity=5,
        )

        litres = line(answer, "machining").inputs["volume_per_piece"].value / 1e6
        assert litres == pytest.approx(75 * 65 * 55 / 1e6)
        assert answer.hours.machining == pytest.approx(5 * litres / 3.5, rel=1e-3)


class TestChoice:
    @pytest.mark.parametrize(
        ("material_id", "technology"),
        [("PA12", "SLS"), ("PLA", "FDM"), ("resin_standard", "SLA"), ("powder_316L", "DMLS")],
    )
    def test_the_material_decides_what_was_left_open(self, material_id: str, technology: str) -> None:
        answer = price(block(20, 20, 20), service_id="printing", material_id=material_id)

        used = answer.used["params.technology"]
        assert (used.value, used.assumed) == (technology, True)

    def test_what_does_not_fit_together_is_refused(self) -> None:
        with pytest.raises(MaterialNotAllowed, match="FDM prints filament, but PA12 is powder"):
            price(block(20, 20, 20), service_id="printing", material_id="PA12", params={"technology": "FDM"})

    def test_machines_are_those_of_the_technology(self) -> None:
        answer = price(block(20, 20, 20), **FILAMENT)

        assert {machine.id for machine in answer.machines} == {"machine_311", "machine_312"}
