from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.dfm import judge
from tests.factories.parts import make_facts, make_hole

MILLING = load().figures["cnc-milling"]


def codes(**changes: Any) -> list[tuple[str, str]]:
    return [(found.code, found.severity) for found in judge(make_facts(**changes), MILLING)]


class TestWalls:
    @pytest.mark.parametrize(
        ("p5", "expected"),
        [(0.8, []), (0.79, [("wall-thin", "warning")]), (0.49, [("wall-too-thin", "error")])],
    )
    def test_are_judged_by_what_is_recommended_and_what_is_feasible(
        self, p5: float, expected: list[tuple[str, str]]
    ) -> None:
        assert codes(thickness_mm={"min": 0.0, "p5": p5, "median": 5}) == expected

    def test_without_figures_are_not_judged(self) -> None:
        thin = make_facts(thickness_mm={"min": 0, "p5": 0.1, "median": 0.1})

        assert list(judge(thin, {})) == []


class TestHoles:
    @pytest.mark.parametrize(
        ("diameter_mm", "depth_mm", "expected"),
        [
            (5, 30, []),
            (5, 31, [("hole-deep", "warning")]),
            (5, 51, [("hole-too-deep", "error")]),
            (0.4, 1, [("hole-narrow", "warning")]),
        ],
    )
    def test_are_judged_by_diameter_and_depth(
        self, diameter_mm: float, depth_mm: float, expected: list[tuple[str, str]]
    ) -> None:
        assert codes(features=[make_hole(1, diameter_mm, depth_mm)]) == expected

    def test_are_named_with_their_place(self) -> None:
        deep = make_facts(features=[make_hole(7, 5, 31)])

        finding = next(judge(deep, MILLING))

        assert (finding.feature_id, finding.face_ids, finding.value) == ("hole-7", (7,), 6.2)
        assert Decimal(str(finding.limit)) == MILLING["hole_depth_ratio"]

    def test_without_a_diameter_are_left_alone(self) -> None:
        assert codes(features=[make_hole(1) | {"diameter_mm": None}]) == []
