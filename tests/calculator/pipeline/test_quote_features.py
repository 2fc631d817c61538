"""Prices from measured parts: which figure moves what, and what a person has to look at."""

from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pipeline.quote import quote
from app.contract.pricing import BoxDimensions, CostLine, CylinderDimensions, Price
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()
ROD: dict[str, Any] = {"extents": (120, 25, 25), "volume_mm3": 50_000, "area_mm2": 10_500}


def price(facts: Any = None, **changes: Any) -> Price:
    return quote(make_price_request(facts=facts or make_facts(), **changes), CATALOG)


def line_of(answer: Price, group: str) -> CostLine:
    return next(line for line in answer.lines if line.code == group)


def line_of_costs(answer: Price, group: str) -> CostLine:
    return next(line for line in answer.cost_lines if line.code == group)


def child(answer: Price, group: str, code: str) -> CostLine:
    top = next(line for line in answer.lines if line.code == group)
    return next(line for line in top.children if line.code == code)


class TestMilling:
    def test_the_blank_of_a_sheet_is_sawn_from_the_next_thickness_that_is_sold(self) -> None:
        answer = price(material_form="sheet")

        blank = 104 * 54 * 30
        assert answer.engine == "features"
        assert answer.material.stock.dimensions == BoxDimensions(length_mm=104, width_mm=54, height_mm=30)
        assert blank < answer.material.volume_mm3 < 1.15 * blank
        assert line_of(answer, "material").inputs["blank_per_piece"].value == blank

    def test_the_blank_of_a_bar_is_the_next_diameter_around_the_part(self) -> None:
        stock = price(material_form="rod").material.stock.dimensions

        assert isinstance(stock, CylinderDimensions)
        assert pytest.approx(61.29, abs=0.01) == (54**2 + 29**2) ** 0.5
        assert float(stock.diameter_mm) == 65

    def test_little_to_rough_takes_the_least_time(self) -> None:
        roughing = child(price(material_form="sheet"), "machining", "roughing")

        assert roughing.inputs["removed_volume_per_piece"].value == 104 * 54 * 30 - 0.72 * 100 * 50 * 25
        assert roughing.inputs["time"].value == pytest.approx(2 / 60, abs=1e-4)
        assert "limited by the size of the part" in roughing.formula

    def test_much_to_rough_takes_as_long_as_the_tool_needs(self) -> None:
        hollowed = make_facts((300, 90, 60), volume_mm3=400_000)

        answer = price(hollowed, material_form="sheet", material_id="alum_AMC", costs=True)

        roughing = next(
            line for line in line_of_costs(answer, "machining").children if line.code == "roughing"
        )
        rate = roughing.inputs["removal_rate"].value
        removed_cm3 = roughing.inputs["removed_volume_per_piece"].value / 1000
        assert "limited by the tool" in roughing.formula
        assert rate == pytest.approx(134.9 * (16 / 12.7) ** 2, rel=5e-3)
        assert roughing.inputs["time"].value == pytest.approx(removed_cm3 / rate * 1.82 / 60, abs=1e-4)

    def test_set_ups_are_paid_once_for_the_whole_quantity(self) -> None:
        one, many = price(quantity=1), price(quantity=100)

        assert one.lines[1].amount == many.lines[1].amount
        assert many.unit_price < one.unit_price / 3

    def test_holes_in_another_direction_need_another_set_up(self) -> None:
        same = price(make_facts(features=[make_hole(1), make_hole(2, axis=(0, 0, -1))]))
        other = price(make_facts(features=[make_hole(1), make_hole(2, axis=(1, 0, 0))]))

        set_ups = [
            child(answer, "setup", "clamping").inputs["setups_per_batch"].value for answer in (same, other)
        ]
        assert set_ups == [2, 3]

    def test_every_hole_takes_time_and_costs_money_of_its_own(self) -> None:
        answer = price(facts=make_facts(features=[make_hole(number) for number in range(9)]), quantity=4)

        holes = [line for line in line_of(answer, "machining").children if line.code == "drilling"]
        told = {share.feature_id: share.amount for share in answer.by_feature}
        assert [line.feature_id for line in holes] == [f"hole-{number}" for number in range(9)]
        assert all(line.inputs["holes_per_piece"].value == 1 for line in holes)
        assert all(told[line.feature_id] >= line.amount > 0 for line in holes)

    def test_many_holes_are_told_one_by_one_and_the_rest_together(self) -> None:
        answer = price(facts=make_facts(features=[make_hole(number) for number in range(70)]))

        holes = [line for line in line_of(answer, "machining").children if line.code == "drilling"]
        assert [line.inputs["holes_per_piece"].value for line in holes] == [*[1] * 50, 20]

    def test_a_hole_without_figures_does_not_stop_the_price(self) -> None:
        vague = make_hole(1) | {"depth_mm": None, "axis": "up"}

        assert price(make_facts(features=[vague])).total_price > 0

    def test_steel_takes_longer_than_aluminium(self) -> None:
        assert price(material_id="steel_45").hours.machining > price().hours.machining


class TestTurning:
    def test_the_bar_is_larger_and_longer_than_the_part(self) -> None:
        answer = price(make_facts(**ROD), service_id="cnc-lathe", material_form="rod")

        assert answer.material.stock.dimensions == CylinderDimensions(diameter_mm=28, length_mm=122)
        assert line_of(answer, "material").inputs["blanks_per_bar"].value == (3000 - 60 + 3) // 125

    def test_a_hexagonal_bar_is_heavier_than_a_round_one(self) -> None:
        answers = [
            price(make_facts(**ROD), service_id="cnc-lathe", material_form=form)
            for form in ("rod", "hexagon")
        ]

        assert answers[1].material.mass_kg / answers[0].material.mass_kg == pytest.approx(1.1027, abs=1e-3)

    def test_a_disc_is_turned_around_its_short_axis(self) -> None:
        disc = make_facts((80, 80, 10), volume_mm3=50_000)

        stock = price(disc, service_id="cnc-lathe").material.stock.dimensions

        assert stock == CylinderDimensions(diameter_mm=85, length_mm=12)


class TestPrinting:
    def test_a_build_is_paid_once_for_all_its_pieces(self) -> None:
        printed = {"service_id": "printing", "material_id": "PA12"}
        one, ten = price(**printed, quantity=1), price(**printed, quantity=10)

        assert one.lines[1].amount == ten.lines[1].amount
        assert one.lines[1].inputs["builds"].value == 1

    def test_more_pieces_than_fit_take_another_build(self) -> None:
        big = make_facts((500, 400, 300))
        answers = [
            price(big, service_id="printing", material_id="PA12", quantity=count) for count in (1, 2, 3)
        ]

        assert [answer.lines[1].inputs["builds"].value for answer in answers] == [1, 1, 2]

    def test_a_closed_mesh_needs_no_review(self) -> None:
        mesh = make_facts(format="stl", faces=None, triangles=400)

        assert price(mesh, service_id="printing", material_id="PA12").review is False

    def test_says_that_a_chosen_tolerance_changes_nothing(self) -> None:
        answer = price(service_id="printing", material_id="PA12", tolerance_id="IT7")

        assert [finding.code for finding in answer.findings] == ["rule-not-judged", "choice-not-applied"]


class TestReview:
    def test_a_sure_part_needs_none(self) -> None:
        answer = price()

        assert (answer.review, answer.reasons) == (False, ())

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"complete": False}, "analysis-incomplete"),
            ({"watertight": False}, "not-watertight"),
            ({"bodies": 3}, "several-bodies"),
            ({"format": "stl", "faces": None, "triangles": 12}, "mesh-without-features"),
            (
                {"findings": [{"code": "self-cut", "severity": "error", "message": "m", "fix": "f"}]},
                "self-cut",
            ),
        ],
    )
    def test_an_unsure_part_is_priced_with_the_reason(self, changes: dict[str, Any], code: str) -> None:
        answer = price(make_facts(**changes))

        assert answer.review is True
        assert [reason.code for reason in answer.reasons] == [code]

    @pytest.mark.parametrize(
        ("params", "codes"),
        [
            ({"k_type": 0.5}, ["cheapened-by-request"]),
            ({"k_process": 0.9, "cnc_setup_time": 0}, ["cheapened-by-request"] * 2),
            ({"k_type": 1.5, "k_process": 1}, []),
        ],
        ids=str,
    )
    def test_a_request_that_cheapens_the_work_itself_is_looked_at(
        self, params: dict[str, Any], codes: list[str]
    ) -> None:
        answer = price(make_facts(), params=params)

        assert [reason.code for reason in answer.reasons] == codes
        assert answer.review is bool(codes)

    def test_a_grade_that_the_process_does_not_keep_is_told(self) -> None:
        answer = price(make_facts(), service_id="printing", material_id="PA12", tolerance_id="IT7")

        told = [one for one in answer.findings if one.code == "choice-not-applied"]
        assert [(one.severity, "IT7" in one.message) for one in told] == [("warning", True)]

    def test_a_lot_of_tiny_parts_pays_for_the_material_of_all(self) -> None:
        answer = price(
            make_facts((2, 2, 2)),
            service_id="printing",
            material_id="PLA",
            quantity=100_000,
            costs=True,
            params={"technology": "FDM"},
        )

        bought = answer.cost_lines[0]
        per_kg, mass = bought.inputs["price_per_kg"].value, bought.inputs["mass_per_piece"].value
        assert float(bought.children[0].amount) == pytest.approx(mass * per_kg * 100_000, rel=0.01)

    def test_a_blank_larger_than_the_form_is_sold_is_a_reason(self) -> None:
        answer = price(make_facts((300, 300, 300)), material_id="steel_45")

        assert [reason.code for reason in answer.reasons] == ["unusual-stock"]
