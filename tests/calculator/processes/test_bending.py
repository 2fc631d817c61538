"""Bending: the blank of the laser, then bend by bend."""

from decimal import Decimal
from math import log10, pi, radians, tan
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import PartOutsideLimits
from app.calculator.pipeline.analyse import analyse
from app.calculator.pipeline.quote import quote
from app.calculator.processes.bending import bending_force_kn
from app.contract.geometry import PartFacts
from app.contract.pricing import CostLine, Price
from tests.calculator.solids import write_step
from tests.factories.parts import make_drawing, make_facts, make_price_request, make_sheet

CATALOG = load()
BLANK = {"length_mm": 200, "width_mm": 100, "height_mm": 2}


def price(**changes: Any) -> Price:
    wish = {"service_id": "bending", "material_id": "steel_St3", **changes}
    return quote(make_price_request(**wish), CATALOG)


def refusal(**changes: Any) -> list[str]:
    with pytest.raises(PartOutsideLimits) as caught:
        price(**changes)
    return [finding.code for finding in caught.value.findings]


def steps(answer: Price, code: str) -> list[CostLine]:
    return [one for top in answer.lines for one in (top.children or (top,)) if one.code == code]


def flat_length(legs: tuple[float, float], radius: float, thickness: float, angle: float) -> float:
    """A + B - BD with BD = 2 (R + t) tan(angle / 2) - BA and BA = angle (R + K t) (ideambox).

    K is half of k = 0.65 + 0.5 lg(R / t) of DIN 6935.
    """
    k = (0.65 + 0.5 * log10(radius / thickness)) / 2
    allowance = radians(angle) * (radius + k * thickness)
    return sum(legs) - (2 * (radius + thickness) * tan(radians(angle) / 2) - allowance)


def angle_bracket(legs: tuple[float, float], radius: float, thickness: float, width: float) -> Any:
    a, b = legs
    outline = [(0, 0), (a, 0), (a, thickness), (thickness, thickness), (thickness, b), (0, b)]
    body = cq.Workplane().polyline(outline).close().extrude(width)
    inner = cq.selectors.NearestToPointSelector((thickness, thickness, width / 2))
    body = body.edges(inner).fillet(radius)
    outer = cq.selectors.NearestToPointSelector((0, 0, width / 2))
    return body.edges(outer).fillet(radius + thickness).val()


@pytest.mark.cad
@pytest.mark.parametrize(
    ("legs", "radius", "thickness"), [((50, 40), 3, 3), ((60, 30), 2, 1), ((80, 45), 4, 2)]
)
def test_the_flat_length_of_an_angle_is_that_of_the_published_formula(
    legs: tuple[float, float], radius: float, thickness: float, tmp_path: Path
) -> None:
    path = write_step(angle_bracket(legs, radius, thickness, 70), tmp_path / "angle.step")
    facts = PartFacts.model_validate(
        analyse(lambda _told: None, path, max_triangles=100_000, max_entities=100_000)
    )

    answer = price(facts=facts, costs=True)

    expected = flat_length(legs, radius, thickness, 90)
    told = next(line for line in answer.lines if line.code == "material").inputs
    assert told["part_area_per_piece"].value == pytest.approx(expected * 70, rel=1e-4)
    (bend,) = steps(answer, "bending")
    assert bend.feature_id is not None
    assert bend.inputs["length_per_piece"].value == pytest.approx(70)
    assert bend.inputs["radius_per_piece"].value == pytest.approx(radius)


class TestBends:
    def test_are_paid_one_by_one(self) -> None:
        answers = [price(facts=make_sheet(300, 100, bends=bends)) for bends in (1, 2, 3)]

        told = [[line.feature_id for line in steps(answer, "bending")] for answer in answers]
        assert told == [[f"bend-{number}" for number in range(bends)] for bends in (1, 2, 3)]
        assert len({line.amount for line in steps(answers[0], "bending")}) == 1
        assert [answer.total_price for answer in answers] == sorted(answer.total_price for answer in answers)

    def test_take_a_stroke_and_more_where_they_are_long(self) -> None:
        (bend,) = steps(price(facts=make_sheet(300, 100, bends=1)), "bending")

        assert bend.inputs["time"].value == pytest.approx((25 + 15 * 0.1) / 3600, abs=5e-5)

    def test_of_a_heavy_piece_take_two_people(self) -> None:
        light, heavy = (price(facts=make_sheet(1400, 1200, thick, bends=1)) for thick in (1, 3))

        people = [steps(answer, "bending")[0].inputs["people_per_piece"].value for answer in (light, heavy)]
        assert people == [1, 2]

    def test_want_a_tool_for_every_radius(self) -> None:
        facts = make_sheet(300, 100, bends=2)
        features = [
            {**one.model_dump(), "radius_mm": 6} if one.id == "bend-1" else one.model_dump()
            for one in facts.features
        ]
        mixed = PartFacts.model_validate({**facts.model_dump(), "features": features})

        tools = [
            steps(price(facts=one), "tooling")[0].inputs["tools_per_batch"].value for one in (facts, mixed)
        ]
        assert tools == [1, 2]

    def test_beyond_fifty_are_told_together(self) -> None:
        facts = make_sheet(3000, 100, bends=60, volume_mm3=(300_000 - pi * 100) * 2)

        told = [line.feature_id for line in steps(price(facts=facts), "bending")]
        assert (len(told), told[-1]) == (51, None)


class TestCounted:
    def test_dimensions_are_those_of_the_blank(self) -> None:
        answer = price(dimensions=BLANK, params={"bends": 3})

        (bends,) = steps(answer, "bending")
        assert (answer.engine, bends.inputs["bends_per_piece"].value) == ("rules", 3)
        assert bends.inputs["length_per_piece"].value == 300
        assert len(steps(answer, "cutting")) == 1

    def test_a_drawing_with_its_bends_is_priced(self) -> None:
        answer = price(facts=make_drawing(), params={"bends": 2, "thickness_mm": 2})

        assert (
            answer.total_price
            > price(facts=make_drawing(), params={"thickness_mm": 2}, service_id="laser-cutting").total_price
        )

    @pytest.mark.parametrize("part", [{"dimensions": BLANK}, {"facts": make_sheet()}])
    def test_nobody_guesses_how_many_there_are(self, part: dict[str, Any]) -> None:
        assert refusal(**part) == ["no-bends"]

    def test_they_must_be_as_many_as_were_recognised(self) -> None:
        facts = make_sheet(300, 100, bends=2)

        assert refusal(facts=facts, params={"bends": 3}) == ["bends-contradict"]
        assert price(facts=facts, params={"bends": 2}).total_price == price(facts=facts).total_price


class TestFlanges:
    @pytest.mark.parametrize(
        ("dimensions", "bends"),
        [
            ({"length_mm": 100, "width_mm": 50, "height_mm": 2}, 200),
            ({"length_mm": 100, "width_mm": 50, "height_mm": 2}, 16),
            ({"length_mm": 1, "width_mm": 1, "height_mm": 1}, 2),
        ],
    )
    def test_that_counted_bends_leave_too_short_are_refused(
        self, dimensions: dict[str, int], bends: int
    ) -> None:
        assert refusal(dimensions=dimensions, params={"bends": bends}) == ["flange-too-short"]

    def test_may_be_as_short_as_the_rule_for_files_allows(self) -> None:
        ratio = CATALOG.figures["bending"]["flange_ratio_least"]
        blank = {"length_mm": 100, "width_mm": 50, "height_mm": 2}

        assert 2 * ratio <= 100 / 16
        assert price(dimensions=blank, params={"bends": 15}).total_price > 0

    def test_of_a_drawing_are_judged_alike(self) -> None:
        assert refusal(facts=make_drawing(), params={"bends": 40, "thickness_mm": 2}) == ["flange-too-short"]


class TestLimits:
    def test_force_of_bending_in_air(self) -> None:
        """1.42 x 400 MPa x (3 mm)^2 x 1000 mm / 24 mm: about 21 t a metre for 3 mm of steel."""
        assert float(bending_force_kn(Decimal(400), Decimal(3), Decimal(1000))) == pytest.approx(213)

    def test_a_press_that_is_too_weak_is_told(self) -> None:
        facts = make_sheet(1400, 1400, 10, bends=1)

        assert refusal(facts=facts, material_id="steel_30XGSA") == ["press-too-weak"]

    def test_a_bend_longer_than_the_press_is_refused(self) -> None:
        facts = make_sheet(3500, 3400, 2, bends=1)

        assert refusal(facts=facts) == ["no-machine-fits"]

    def test_what_is_no_sheet_is_refused(self) -> None:
        assert refusal(facts=make_facts()) == ["not-sheet"]

    def test_rules_for_bends_speak(self) -> None:
        facts = make_sheet(300, 100, bends=1)
        features = [
            {**one.model_dump(), "radius_mm": 0.4} if one.kind == "bend" else one.model_dump()
            for one in facts.features
        ]
        sharp = PartFacts.model_validate({**facts.model_dump(), "features": features})

        assert "bend-too-tight" in {reason.code for reason in price(facts=sharp).reasons}
