"""Rounded edges have lines of their own, and no surface is milled twice."""

from math import pi
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.pipeline.quote import quote
from app.contract.pricing import CostLine, Price
from tests.factories.parts import make_facts, make_price_request

CATALOG = load()
AREAS = {"plane": 12_000, "cylinder": 4_000, "cone": 0, "sphere": 0, "torus": 600, "other": 0}


def fillet(number: int, radius: float, *, convex: bool = True, length: float = 100.0) -> dict[str, Any]:
    return {
        "id": f"fillet-{number}",
        "kind": "fillet",
        "face_ids": [number],
        "place": {"x": 0, "y": 0, "z": 0},
        "confidence": 0.9,
        "radius_mm": radius,
        "convex": convex,
        "length_mm": length,
    }


def pocket(floor_radius: float | None) -> dict[str, Any]:
    return {
        "id": "pocket-1",
        "kind": "pocket",
        "face_ids": [1, 2, 3],
        "place": {"x": 0, "y": 0, "z": 0},
        "confidence": 0.9,
        "type": "closed",
        "length_mm": 40.0,
        "width_mm": 20.0,
        "depth_mm": 10.0,
        "corner_radius_mm": 5.0,
        "floor_radius_mm": floor_radius,
    }


def price(*features: dict[str, Any]) -> Price:
    facts = make_facts(features=list(features), face_areas_mm2=AREAS)
    return quote(make_price_request(facts=facts), CATALOG)


def edges(answer: Price) -> list[CostLine]:
    return [line for top in answer.lines for line in top.children if line.code == "fillet"]


def figure(line: CostLine, name: str) -> float:
    return line.inputs[name].value


class TestFillets:
    def test_each_has_its_line(self) -> None:
        first, second = edges(price(fillet(1, 2), fillet(2, 3, length=50)))

        assert [one.feature_id for one in (first, second)] == ["fillet-1", "fillet-2"]
        assert [figure(one, "length_per_piece") for one in (first, second)] == [100, 50]
        assert figure(first, "time") > figure(second, "time")

    @pytest.mark.parametrize(
        ("radius", "convex", "is_told"),
        [(2, True, True), (6, True, True), (6.1, True, False), (6.3, False, True), (6.4, False, False)],
    )
    def test_what_is_rounder_than_its_tools_is_surface(
        self, radius: float, *, convex: bool, is_told: bool
    ) -> None:
        """Cutters that round an edge go up to a radius of 6 mm, balls up to a diameter of 12.7 mm."""
        answer = price(fillet(1, radius, convex=convex))

        assert bool(edges(answer)) == is_told

    def test_a_smaller_ball_is_slower(self) -> None:
        small, large = (edges(price(fillet(1, radius, convex=False)))[0] for radius in (1, 6))

        assert figure(small, "time") > figure(large, "time")

    def test_their_surface_is_not_finished_twice(self) -> None:
        plain, rounded = price(), price(fillet(1, 6, length=400))

        def area(answer: Price, code: str) -> float:
            (found,) = (one for top in answer.lines for one in top.children if one.code == code)
            return figure(found, "area_per_piece")

        assert area(plain, "finish-round") - area(rounded, "finish-round") == pytest.approx(
            pi / 2 * 6 * 400, rel=1e-3
        )
        assert area(plain, "finish-free") == area(rounded, "finish-free")

    def test_corners_of_a_pocket_are_those_of_its_end_mill(self) -> None:
        assert edges(price(pocket(None), fillet(2, 5, convex=False))) == []

    def test_the_rounded_floor_of_a_pocket_takes_a_ball(self) -> None:
        (line,) = edges(price(pocket(2.0), fillet(2, 2, convex=False), fillet(3, 5, convex=False)))

        assert line.feature_id == "fillet-2"

    def test_a_hundred_are_told_one_by_one_as_far_as_they_are_read(self) -> None:
        lines = edges(price(*(fillet(number, 2) for number in range(100))))

        assert len(lines) == 51
        assert figure(lines[-1], "length_per_piece") == 5_000

    def test_without_a_radius_they_are_surface(self) -> None:
        assert edges(price(fillet(1, 0))) == []
