"""Milling: clampings, axes, finishing by face, what the parameters do."""

from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import PartOutsideLimits, ValidationFailed
from app.calculator.pipeline.quote import public_catalog, quote
from app.contract.geometry import PartFacts
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()
UP, DOWN, SIDE, TILTED = (0, 0, 1), (0, 0, -1), (1, 0, 0), (0, 0.7071, 0.7071)


def seen_from(*directions: tuple[float, float, float]) -> dict[str, Any]:
    """Tool access from these directions."""
    setups = [{"direction": direction, "area_share": 1 / len(directions)} for direction in directions]
    return {"setups": setups, "directions_tried": 26, "unreached_share": 0}


def price(facts: PartFacts | None = None, **changes: Any) -> Price:
    return quote(make_price_request(facts=facts or make_facts(), **changes), CATALOG)


def lines(answer: Price) -> dict[str, CostLine]:
    return {one.code: one for top in answer.lines for one in (top.children or (top,))}


def clampings(answer: Price) -> float:
    return lines(answer)["clamping"].inputs["setups_per_batch"].value


class TestClampings:
    def test_are_as_many_as_the_directions_of_access(self) -> None:
        assert clampings(price(make_facts(access=seen_from(UP, DOWN, SIDE)))) == 3

    def test_without_access_follow_the_directions_of_holes(self) -> None:
        facts = make_facts(features=[make_hole(1), make_hole(2, axis=SIDE), make_hole(3, axis=(0, 1, 0))])

        assert clampings(price(facts)) == 4

    @pytest.mark.parametrize(("axes", "expected"), [(3, 6), (4, 3), (5, 2)])
    def test_are_fewer_on_more_axes(self, axes: int, expected: int) -> None:
        box = seen_from(UP, DOWN, SIDE, (-1, 0, 0), (0, 1, 0), (0, -1, 0))

        assert clampings(price(make_facts(access=box), params={"axes": axes})) == expected


class TestAxes:
    def test_a_part_with_a_tilted_side_goes_to_a_machine_with_more_axes(self) -> None:
        answer = price(make_facts(access=seen_from(UP, DOWN, TILTED)))

        assert {one.id: one.reason for one in answer.machines if not one.fits} == {
            "machine_101": "4 axes are needed, the machine has 3",
            "machine_102": "4 axes are needed, the machine has 3",
        }

    def test_three_axes_do_where_they_are_asked_for(self) -> None:
        answer = price(make_facts(access=seen_from(UP, DOWN, TILTED)), params={"axes": 3})

        assert all(one.fits for one in answer.machines)
        assert clampings(answer) == 3

    def test_hours_of_five_axes_cost_twice_as_much(self) -> None:
        plain, five = (price(params={"axes": axes}, costs=True) for axes in (3, 5))

        factors = [
            one.inputs["hour_factor"].value
            for top in five.cost_lines
            for one in top.children
            if "hour_factor" in one.inputs
        ]
        assert set(factors) == {2.0}
        assert lines(five)["roughing"].amount == 2 * lines(plain)["roughing"].amount
        assert lines(five)["deburring"].amount == lines(plain)["deburring"].amount

    def test_that_nobody_has_are_refused_with_the_place_that_has_them(self) -> None:
        wish = {"dimensions": {"length_mm": 3000, "width_mm": 300, "height_mm": 300}, "params": {"axes": 5}}
        large = CATALOG.with_rows([CATALOG.machines["machine_104"].model_copy(update={"axes": 3})])

        with pytest.raises(PartOutsideLimits) as refused:
            quote(make_price_request(**wish), large)

        assert "5 axes are needed, the machine has 3" in refused.value.findings[0].message
        assert refused.value.findings[0].fix == "Ask for location_2."


class TestFinishing:
    def test_is_told_by_the_kind_of_face(self) -> None:
        facts = make_facts(
            face_areas_mm2={"plane": 20_000, "cylinder": 3_000, "cone": 1_000, "sphere": 500, "other": 1_500}
        )

        told = lines(price(facts))

        areas = {
            code: told[code].inputs["area_per_piece"].value for code in told if code.startswith("finish-")
        }
        assert areas == {"finish-flat": 20_000, "finish-round": 4_000, "finish-free": 2_000}

    def test_free_surfaces_take_much_longer_than_flat_ones(self) -> None:
        flat, free = (make_facts(face_areas_mm2={kind: 10_000}) for kind in ("plane", "other"))

        times = [lines(price(facts)) for facts in (flat, free)]
        assert (
            times[1]["finish-free"].inputs["time"].value > 10 * times[0]["finish-flat"].inputs["time"].value
        )
        assert times[1]["programming"].inputs["time"].value > times[0]["programming"].inputs["time"].value

    def test_walls_of_holes_are_finished_with_the_holes(self) -> None:
        wall = 3.14159265 * 6 * 25
        facts = make_facts(
            face_areas_mm2={"plane": 20_000, "cylinder": 1_000 + 2 * wall},
            features=[make_hole(1), make_hole(2)],
        )

        left = lines(price(facts))["finish-round"].inputs["area_per_piece"].value

        assert left == pytest.approx(1_000, abs=0.01)

    def test_thin_walls_are_finished_gently(self) -> None:
        thick, thin = (make_facts(thickness_mm={"min": wall, "p5": wall, "median": 8}) for wall in (2, 1))

        told = [lines(price(facts))["finish-flat"] for facts in (thick, thin)]
        assert told[1].inputs["time"].value == pytest.approx(1.8 * told[0].inputs["time"].value, rel=5e-3)
        assert "thin walls" in told[1].formula


class TestParameters:
    def test_are_published_with_the_original_ones(self) -> None:
        schema = next(one.params for one in public_catalog(CATALOG).processes if one.id == "cnc-milling")

        assert set(schema["properties"]) == {
            *("n_dimensions", "k_type", "k_process", "cnc_complexity", "cnc_setup_time"),
            *("special_equipment", "threads", "axes"),
        }
        assert schema["properties"]["cnc_complexity"]["enum"] == ["low", "medium", "high"]

    @pytest.mark.parametrize("name", ["k_type", "k_process"])
    @pytest.mark.parametrize("facts", [None, make_facts()], ids=["rules", "features"])
    def test_factors_act_on_all_work(self, name: str, facts: Any) -> None:
        usual, double = (
            quote(make_price_request(facts=facts, params=params), CATALOG) for params in ({}, {name: 2})
        )

        work = [answer.total_price - answer.material.cost for answer in (usual, double)]
        assert abs(work[1] - 2 * work[0]) <= Decimal("0.02")

    @pytest.mark.parametrize(
        "params",
        [{"k_type": 0}, {"k_process": 2.1}, {"cnc_complexity": "wild"}, {"cnc_setup_time": -1}, {"axes": 6}],
        ids=str,
    )
    def test_out_of_bounds_are_refused(self, params: dict[str, Any]) -> None:
        with pytest.raises(ValidationFailed) as refused:
            price(params=params)

        assert refused.value.errors[0].field.startswith(f"params.{next(iter(params))}")

    def test_a_set_up_time_replaces_the_calculated_one(self) -> None:
        answer = price(params={"cnc_setup_time": 1.5})

        assert lines(answer)["clamping"].inputs["time"].value == 1.5

    def test_a_set_up_time_is_paid_once_per_batch_where_only_sizes_are_known(self) -> None:
        usual, asked = (
            quote(make_price_request(params=params, quantity=10), CATALOG)
            for params in ({}, {"cnc_setup_time": 1})
        )

        assert asked.hours.setup - usual.hours.setup == pytest.approx(1)

    def test_more_complex_parts_take_longer_to_program_and_to_inspect(self) -> None:
        told = [lines(price(params={"cnc_complexity": one})) for one in ("low", "medium", "high")]

        for code in ("programming", "inspection"):
            amounts = [one[code].amount for one in told]
            assert amounts == sorted(set(amounts))

    def test_what_does_not_matter_is_said(self) -> None:
        answer = quote(make_price_request(params={"threads": "candidates"}), CATALOG)

        assert [(one.code, one.message.split()[0]) for one in answer.findings] == [
            ("choice-not-applied", "params.threads")
        ]


class TestSpecialEquipment:
    def test_is_half_the_hours_of_a_piece_and_a_blank_of_plate_once_per_order(self) -> None:
        answer = price(params={"special_equipment": True}, quantity=50, material_id="steel_45", costs=True)

        group = next(line for line in answer.cost_lines if line.code == "equipment")
        work, material = group.children
        own = answer.hours.machining + answer.hours.finishing
        assert work.inputs["time"].value == pytest.approx(own / 50 / 2, abs=2e-3)
        blank = next(line for line in answer.lines if line.code == "material").inputs["blank_per_piece"].value
        mass = blank / 1e9 * 2800
        assert material.inputs["mass_per_order"].value == pytest.approx(mass, abs=1e-4)
        assert {part.code for part in material.children} == {"purchase", "profit"}
        assert "material/alum_D16" in material.rows

    def test_adds_the_same_to_every_quantity(self) -> None:
        plain, equipped = (
            price(params={"special_equipment": asked}, quantities=[1, 100, 1000]) for asked in (False, True)
        )

        added = [
            more.total_price - less.total_price
            for less, more in zip(plain.breaks, equipped.breaks, strict=True)
        ]
        assert max(added) - min(added) <= Decimal("0.01")
        assert added[0] > 0

    def test_can_be_added_to_a_price_by_dimensions(self) -> None:
        answer = quote(make_price_request(params={"special_equipment": True}), CATALOG)

        assert [line.code for line in answer.lines] == ["material", "setup", "machining", "equipment"]


def test_a_closed_room_inside_cannot_be_milled() -> None:
    room = {"trapped": 1, "trapped_volume_mm3": 12.5, "escape_holes": 0}

    with pytest.raises(PartOutsideLimits) as refused:
        price(make_facts(hollow=room))

    assert [finding.code for finding in refused.value.findings] == ["closed-cavity"]


def test_absurd_numbers_of_features_are_told_in_part_and_priced_in_full() -> None:
    pocket = {
        "kind": "pocket",
        "face_ids": [1],
        "place": {"x": 0, "y": 0, "z": 0},
        "confidence": 1,
        "type": "closed",
        "depth_mm": 5,
        "length_mm": 8,
        "width_mm": 6,
        "corner_radius_mm": 2,
    }
    many = [{**pocket, "id": f"pocket-{number}"} for number in range(300)]

    answer = price(make_facts(features=many))

    told = next(line for line in answer.lines if line.code == "machining").children
    pockets = [line for line in told if line.code == "pocket"]
    assert len(pockets) == 51
    assert pockets[-1].inputs["volume_per_piece"].value == 250 * 5 * 8 * 6
