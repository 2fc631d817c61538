"""Grinding: a published rate, finer grades, and what cannot be ground."""

from math import pi
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import MaterialNotAllowed, PartOutsideLimits
from app.calculator.pipeline.compare import compare
from app.calculator.pipeline.quote import quote
from app.contract.pricing import CompareRequest, CostLine, Price
from tests.factories.parts import make_facts, make_price_request

CATALOG = load()
CUBIC_INCH_CM3 = 16.387
SHAFT = {"diameter_mm": 40, "length_mm": 200}
ROUND: dict[str, Any] = {"kind": "cylindrical"}


def price(**changes: Any) -> Price:
    wish = {"service_id": "grinding", "material_id": "steel_45", **changes}
    if "dimensions" not in wish:
        wish.setdefault("facts", make_facts())
    return quote(make_price_request(**wish), CATALOG)


def line(answer: Price, code: str) -> CostLine:
    return next(one for top in answer.lines for one in (top, *top.children) if one.code == code)


def refusal(**changes: Any) -> list[str]:
    with pytest.raises(PartOutsideLimits) as caught:
        price(**changes)
    return [finding.code for finding in caught.value.findings]


class TestRate:
    def test_of_round_grinding_is_the_published_example(self) -> None:
        """Dumore: 12 in/min of traverse x 0.001 in x 6 in x 3.14 = 0.23 in3/min."""
        published = 12 * 0.001 * 6 * 3.14 * CUBIC_INCH_CM3

        assert float(CATALOG.figures["grinding.cylindrical"]["removal_cm3_min"]) == pytest.approx(
            published, rel=0.01
        )

    def test_is_what_takes_the_stock_off(self) -> None:
        grinding = line(price(dimensions=SHAFT, params={**ROUND, "stock_removal_mm": "0.3"}), "grinding")

        volume = pi * 40 * 200 * 0.3
        assert grinding.inputs["removed_volume_per_piece"].value == pytest.approx(volume, rel=1e-5)
        assert grinding.inputs["time"].value == pytest.approx(1.33 * volume / 1000 / 3.7 / 60, abs=1e-4)


class TestSurface:
    @pytest.mark.parametrize("sides", [1, 2])
    def test_of_flat_grinding_is_that_of_the_large_sides(self, sides: int) -> None:
        answer = price(params={"sides": sides})

        assert line(answer, "grinding").inputs["area_per_piece"].value == 100 * 50 * sides
        assert line(answer, "clamping").inputs["clampings_per_piece"].value == sides

    def test_of_a_shaft_from_a_file_is_its_wall(self) -> None:
        facts = make_facts((200, 40, 40), volume_mm3=pi * 400 * 200)

        answer = price(facts=facts, params=ROUND)

        assert line(answer, "grinding").inputs["area_per_piece"].value == pytest.approx(
            pi * 40 * 200, rel=1e-5
        )
        assert [machine.id for machine in answer.machines] == ["machine_162"]


class TestGrade:
    def test_each_finer_one_costs_a_quarter_more_of_what_it_concerns(self) -> None:
        """20 to 30 % a grade (strobel-industry.de)."""
        answers = [price(params={"grade": grade}, quantity=100) for grade in ("IT7", "IT6", "IT5", "IT4")]

        hours = [line(answer, "sparking-out").inputs["time"].value for answer in answers]
        assert [later / hours[0] for later in hours] == pytest.approx([1, 1.25, 1.25**2, 1.25**3], rel=1e-3)
        totals = [answer.total_price for answer in answers]
        assert totals == sorted(totals)

    def test_a_part_is_ground_to_it6_unless_another_is_asked_for(self) -> None:
        used = price().used["params.grade"]

        assert (used.value, used.assumed) == ("IT6", True)


class TestRefusals:
    def test_a_box_is_not_ground_round(self) -> None:
        assert refusal(params=ROUND) == ["not-round"]

    def test_a_square_bar_is_not_ground_round(self) -> None:
        assert refusal(facts=make_facts((200, 40, 40), volume_mm3=0.99 * 200 * 1600), params=ROUND) == [
            "not-round"
        ]

    def test_dimensions_of_a_box_are_not_ground_round(self) -> None:
        box = {"length_mm": 200, "width_mm": 40, "height_mm": 40}

        assert refusal(dimensions=box, params=ROUND) == ["not-round"]

    def test_too_much_stock_is_milled_first(self) -> None:
        assert refusal(params={"stock_removal_mm": "1.5"}) == ["stock-removal-too-large"]

    @pytest.mark.parametrize(
        ("thickness", "params"),
        [
            (0.3, {"stock_removal_mm": "1", "sides": 1}),
            (0.3, {}),
            (1, {"stock_removal_mm": "0.5"}),
        ],
    )
    def test_nothing_is_ground_thinner_than_nothing(self, thickness: float, params: dict[str, Any]) -> None:
        plate = {"length_mm": 100, "width_mm": 50, "height_mm": thickness}

        assert refusal(dimensions=plate, params=params) == ["stock-removal-too-large"]
        assert price(dimensions=plate, params={"stock_removal_mm": "0.1"}).total_price > 0

    def test_a_needle_is_not_ground_to_nothing(self) -> None:
        needle = {"diameter_mm": 1, "length_mm": 20}

        assert refusal(dimensions=needle, params={**ROUND, "stock_removal_mm": "0.5"}) == [
            "stock-removal-too-large"
        ]
        assert price(dimensions=needle, params={**ROUND, "stock_removal_mm": "0.4"}).total_price > 0

    def test_aluminium_clogs_the_wheel(self) -> None:
        with pytest.raises(MaterialNotAllowed, match="grinding cannot work alum_D16"):
            price(material_id="alum_D16")

    def test_what_is_too_long_for_the_machine(self) -> None:
        assert refusal(facts=make_facts((1200, 100, 20))) == ["no-machine-fits"]


def test_both_kinds_are_compared() -> None:
    wish = {"facts": make_facts(), "material_id": "steel_45"}
    items = compare(CompareRequest.model_validate(wish), CATALOG).items

    told = {item.params["kind"]: item for item in items if item.service_id == "grinding"}
    assert told.keys() == {"flat", "cylindrical"}
    assert told["flat"].price is not None
    assert told["cylindrical"].problem is not None
