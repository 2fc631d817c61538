"""Turning by passes over the real profile, and what is not on the axis."""

from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.errors import PartOutsideLimits
from app.calculator.pipeline.quote import quote
from app.calculator.processes.base import Step
from app.calculator.processes.cnc_lathe import PROCESS
from app.contract.geometry import PartFacts
from app.contract.pricing import CostLine, Price
from tests.factories.cutting import make_job
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()
SHAFT = ((40, 60), (30, 40), (20, 20))
PLACE = {"x": 0, "y": 0, "z": 60}


def turned(*steps: tuple[float, float], share: float = 0.95) -> dict[str, Any]:
    """A turned feature of these diameters and lengths."""
    return {
        "id": "turned-1",
        "kind": "turned",
        "face_ids": [1],
        "place": PLACE,
        "confidence": 0.95,
        "axis": [0, 0, 1],
        "share": share,
        "diameter_mm": max(diameter for diameter, _ in steps),
        "stock_diameter_mm": max(diameter for diameter, _ in steps),
        "length_mm": sum(length for _, length in steps),
        "steps": [{"diameter_mm": diameter, "length_mm": length} for diameter, length in steps],
    }


def shaft(*steps: tuple[float, float], features: list[Any] | None = None, **changes: Any) -> PartFacts:
    """A stepped shaft; ``volume_mm3`` is that of its steps."""
    width, length = max(diameter for diameter, _ in steps), sum(length for _, length in steps)
    volume = sum(3.141592653589793 / 4 * diameter**2 * length for diameter, length in steps)
    area = sum(3.141592653589793 * diameter * length for diameter, length in steps) + 1.571 * width**2
    facts = {"volume_mm3": volume, "area_mm2": area, **changes}
    return make_facts((length, width, width), features=[turned(*steps), *(features or [])], **facts)


def price(facts: PartFacts, catalog: Catalog = CATALOG, **changes: Any) -> Price:
    wish = {"service_id": "cnc-lathe", "material_id": "steel_45", "facts": facts, **changes}
    return quote(make_price_request(**wish), catalog)


def step(code: str, facts: PartFacts, **changes: Any) -> Step:
    job = make_job("cnc-lathe", "steel_45", facts=facts, **changes)
    return next(one for one in PROCESS.plan_by_features(job).steps if one.code == code)


def lines(answer: Price) -> list[CostLine]:
    return [one for top in answer.lines for one in (top.children or (top,))]


def clampings(answer: Price) -> float:
    return next(one for one in lines(answer) if one.code == "clamping").inputs["setups_per_batch"].value


def with_driven_tools(catalog: Catalog = CATALOG) -> Catalog:
    return catalog.with_rows([catalog.machines["machine_105"].model_copy(update={"axes": 4})])


class TestPasses:
    def test_each_takes_length_over_feed_and_turns(self) -> None:
        rough = step("turning", shaft((40, 100)))

        bar, feed, speed = 43, 0.3, 185
        turns = 1000 * speed / (3.14159265 * (bar + 40) / 2)
        facing = 2 * (bar / 2 + 2) / (feed * 1000 * speed / (3.14159265 * bar / 2))
        minutes = (100 + 2) / (feed * turns) + facing
        assert rough.inputs["passes_per_piece"] == (1, "passes")
        assert float(rough.piece_hours) == pytest.approx(minutes * 1.82 / 60, rel=1e-5)

    def test_go_over_every_step_of_the_profile(self) -> None:
        rough = step("turning", shaft(*SHAFT))

        depths = [(43 - diameter) / 2 for diameter, _ in SHAFT]
        assert depths == [1.5, 6.5, 11.5]
        assert rough.inputs["passes_per_piece"] == (1 + 3 + 5, "passes")
        assert rough.inputs["way_per_piece"] == (62 + 3 * 42 + 5 * 22, "mm")

    def test_name_what_limits_their_depth(self) -> None:
        strong = step("turning", shaft((40, 100)))
        slender = step("turning", shaft((20, 190)))
        weak_lathe = load()
        figure = next(row for row in weak_lathe.rows if row.key == "cnc-lathe/spindle_power_kw")
        weak = step(
            "turning",
            shaft((40, 100)),
            catalog=weak_lathe.with_rows([figure.model_copy(update={"value": Decimal(2)})]),
        )

        assert "limited by the tool" in strong.formula
        assert "limited by the slenderness of the part" in slender.formula
        assert "limited by the spindle power" in weak.formula

    def test_of_a_part_without_a_profile_make_a_cylinder_of_its_volume(self) -> None:
        facts = make_facts((100, 40, 40), volume_mm3=3.141592653589793 * 225 * 100, features=[])

        assert step("turning", facts).inputs["passes_per_piece"] == (3, "passes")

    @pytest.mark.parametrize("material_id", ["alum_D16", "alum_AMG6", "steel_30XGSA"])
    def test_are_made_in_the_form_that_costs_least(self, material_id: str) -> None:
        facts = shaft(*SHAFT)

        chosen = price(facts, material_id=material_id)

        assert chosen.total_price == min(
            price(facts, material_id=material_id, material_form=form).total_price
            for form in ("rod", "hexagon")
        )

    @pytest.mark.parametrize(
        ("group", "speed", "feed", "depth"),
        [
            ("aluminium-wrought", (300, 500), (0.2, 0.4), (2, 5)),
            ("aluminium-high-strength", (250, 400), (0.2, 0.4), (2, 4)),
            ("steel-mild", (180, 250), (0.2, 0.4), (2, 4)),
            ("steel-medium", (150, 220), (0.2, 0.4), (1.5, 3.5)),
            ("steel-alloy", (120, 180), (0.15, 0.3), (1.5, 3)),
            ("steel-stainless", (50, 67), (0.38, 0.76), (0, 9)),
        ],
    )
    def test_stay_within_the_published_tables_for_carbide(
        self, group: str, speed: tuple[float, float], feed: tuple[float, float], depth: tuple[float, float]
    ) -> None:
        row = CATALOG.machinability[group]

        assert speed[0] <= row.turning_speed_m_min <= speed[1]
        assert feed[0] <= float(row.turning_feed_mm) <= feed[1]
        assert depth[0] <= row.turning_depth_mm <= depth[1]


class TestOnTheAxis:
    def test_a_bore_is_drilled_and_bored(self) -> None:
        bore = make_hole(1, diameter_mm=26, depth_mm=120) | {"place": PLACE}

        answer = price(shaft(*SHAFT, features=[bore]))

        line = next(one for one in lines(answer) if one.feature_id == "hole-1")
        assert (line.code, line.formula) == ("boring", "(drilling + boring) x pieces")

    def test_a_groove_is_plunged_as_wide_as_the_tool(self) -> None:
        groove = {
            "id": "groove-1",
            "kind": "groove",
            "face_ids": [2],
            "place": PLACE,
            "confidence": 0.95,
            "location": "outer",
            "diameter_mm": 26,
            "width_mm": 5,
            "depth_mm": 2,
            "axis": [0, 0, 1],
        }

        found = step("groove", shaft(*SHAFT, features=[groove]))

        turns = 1000 * 185 / (3.14159265 * 26)
        assert float(found.piece_hours) == pytest.approx(
            (0.15 + 2 * 2 / (0.08 * turns)) * 1.82 / 60, rel=1e-5
        )
        assert found.feature_id == "groove-1"

    def test_what_falls_one_way_is_turned_in_one_clamping(self) -> None:
        assert clampings(price(shaft(*SHAFT))) == 1

    def test_what_is_thick_in_the_middle_is_turned_from_both_sides(self) -> None:
        assert clampings(price(shaft((20, 20), (40, 60), (30, 40)))) == 2


class TestBesideTheAxis:
    CROSS = make_hole(1, axis=(1, 0, 0))

    def test_needs_a_second_operation_on_a_lathe_without_driven_tools(self) -> None:
        answer = price(shaft(*SHAFT, features=[self.CROSS]))

        assert clampings(answer) == 2
        assert [one.code for one in lines(answer) if one.feature_id == "hole-1"] == ["drilling"]

    def test_is_made_in_the_same_clamping_with_driven_tools_at_a_dearer_hour(self) -> None:
        facts = shaft(*SHAFT, features=[self.CROSS])

        answer = price(facts, with_driven_tools(), costs=True)

        told = [one for top in answer.cost_lines for one in top.children if one.code == "turning"]
        assert clampings(answer) == 1
        assert told[0].inputs["hour_factor"].value == 1.75
        assert [(one.id, one.fits, one.reason) for one in answer.machines] == [
            ("machine_105", True, None),
            ("machine_106", False, "it has no driven tools for what is not on the axis"),
        ]

    def test_is_made_in_a_second_operation_where_the_customer_wants_it(self) -> None:
        facts = shaft(*SHAFT, features=[self.CROSS])

        answer = price(facts, with_driven_tools(), params={"driven_tools": False})

        assert clampings(answer) == 2
        assert all(one.fits for one in answer.machines)

    def test_driven_tools_that_are_asked_for_must_be_there(self) -> None:
        with pytest.raises(PartOutsideLimits) as refused:
            price(shaft(*SHAFT, features=[self.CROSS]), params={"driven_tools": True})

        assert "no driven tools" in refused.value.findings[0].message

    def test_flats_are_milled_off(self) -> None:
        flattened = shaft((40, 100), volume_mm3=100_000)

        assert "milling-flats" in [one.code for one in lines(price(flattened))]
        assert "milling-flats" not in [one.code for one in lines(price(shaft((40, 100))))]


class TestRefusals:
    def test_a_part_with_little_on_one_axis_is_no_turned_part(self) -> None:
        facts = make_facts((100, 40, 40), volume_mm3=100_000, features=[turned((40, 100), share=0.4)])

        with pytest.raises(PartOutsideLimits) as refused:
            price(facts)

        assert [finding.code for finding in refused.value.findings] == ["not-round"]

    def test_a_turned_profile_is_enough_where_the_box_is_not_square(self) -> None:
        hexagon_head = make_facts((100, 46, 40), volume_mm3=100_000, features=[turned((40, 90), (46, 10))])

        assert price(hexagon_head).total_price > 0

    def test_a_closed_room_inside_cannot_be_turned(self) -> None:
        room = {"trapped": 1, "trapped_volume_mm3": 500, "escape_holes": 0}

        with pytest.raises(PartOutsideLimits) as refused:
            price(shaft(*SHAFT, hollow=room))

        assert [(one.code, one.value) for one in refused.value.findings] == [("closed-cavity", 500)]

    def test_dimensions_obey_the_rule_for_the_length_of_files(self) -> None:
        rod = {"service_id": "cnc-lathe", "material_id": "steel_45"}

        with pytest.raises(PartOutsideLimits) as refused:
            quote(make_price_request(**rod, dimensions={"diameter_mm": 1, "length_mm": 900}), CATALOG)

        most = float(CATALOG.figures["cnc-lathe"]["turned_length_ratio_most"])
        assert [(one.code, one.value, one.limit) for one in refused.value.findings] == [
            ("turned-too-long", 900, most)
        ]
        held = make_price_request(**rod, dimensions={"diameter_mm": 20, "length_mm": 20 * most})
        assert quote(held, CATALOG).total_price > 0


def test_lathes_named_for_driven_tools_have_them() -> None:
    cross = make_hole(1, axis=(1, 0, 0))

    answer = price(shaft(*SHAFT, features=[cross]), location_id="location_2")

    assert [one.name for one in answer.machines if one.fits] == [
        *("DM 2000/500 M", "DM 2000/800 M", "DM 2500/1000 MY")
    ]
    assert clampings(answer) == 1
