"""What the waist makes of the features and directions of a part."""

from decimal import Decimal
from typing import Any

import pytest

from app.calculator.pipeline.clampings import clampings_of
from app.calculator.pipeline.part import part_of_facts
from app.calculator.pipeline.shapes import holes_of, turned_of
from app.calculator.processes.shape import Clampings, Thread, Turn
from tests.factories.parts import make_facts, make_hole

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
BACK = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
TILTED = (0.0, 0.6, 0.8)
SKEW = (0.48, 0.6, 0.64)
TURNED = {
    "id": "turned-1",
    "kind": "turned",
    "face_ids": [1],
    "place": {"x": 0, "y": 0, "z": 50},
    "confidence": 1,
    "axis": [0, 0, 1],
    "share": 0.9,
    "stock_diameter_mm": 30,
    "length_mm": 100,
    "steps": [
        {"diameter_mm": 30, "length_mm": 90},
        {"diameter_mm": 30, "least_diameter_mm": 20, "length_mm": 10},
    ],
}


class TestClampings:
    @pytest.mark.parametrize(
        ("directions", "expected"),
        [
            ([Z], Clampings(1, 1, 1, 3)),
            ([Z, BACK[2]], Clampings(2, 2, 2, 3)),
            ([X, Y, Z], Clampings(3, 2, 2, 3)),
            ([X, Y, Z, *BACK], Clampings(6, 3, 2, 3)),
            ([Y, Z, TILTED], Clampings(3, 2, 2, 4)),
            ([X, Y, Z, SKEW], Clampings(4, 3, 2, 5)),
        ],
        ids=["one", "both sides", "three sides", "six sides", "one tilted", "skew"],
    )
    def test_follow_from_the_directions_of_the_tool(self, directions: Any, expected: Clampings) -> None:
        assert clampings_of(directions) == expected

    def test_are_not_known_without_directions(self) -> None:
        assert clampings_of([]) is None


class TestHoles:
    def test_carry_their_mouths(self) -> None:
        bored = make_hole(1) | {
            "type": "counterbore",
            "counterbore_diameter_mm": 11,
            "counterbore_depth_mm": 6,
        }
        sunk = make_hole(2) | {"type": "countersink", "countersink_diameter_mm": 12.0, "diameter_mm": 6.0}

        first, second = holes_of(make_facts(features=[bored, sunk | {"countersink_angle_deg": 90.0}]))

        assert (first.kind, first.mouth_diameter_mm, first.mouth_depth_mm) == (
            "counterbore",
            Decimal(11),
            Decimal(6),
        )
        assert (second.kind, second.mouth_diameter_mm, second.mouth_depth_mm) == (
            "countersink",
            Decimal(12),
            Decimal(3),
        )

    @pytest.mark.parametrize(
        ("designation", "nominal", "pitch"),
        [("M6", "6", "1"), ("M8x1", "8", "1"), ("M12x1.25", "12", "1.25")],
    )
    def test_carry_their_threads(self, designation: str, nominal: str, pitch: str) -> None:
        hole = make_hole(1) | {"thread_candidate": designation, "thread_drawn": True}

        assert holes_of(make_facts(features=[hole]))[0].thread == Thread(
            Decimal(nominal), Decimal(pitch), is_drawn=True
        )

    @pytest.mark.parametrize("designation", [None, "G1/2", "M7"])
    def test_without_a_known_thread_have_none(self, designation: str | None) -> None:
        hole = make_hole(1) | {"thread_candidate": designation}

        assert holes_of(make_facts(features=[hole]))[0].thread is None

    def test_are_on_the_axis_of_a_turned_part_or_beside_it(self) -> None:
        central = make_hole(1) | {"place": {"x": 0, "y": 0, "z": 100}}
        beside = make_hole(2) | {"place": {"x": 8, "y": 0, "z": 100}}
        cross = make_hole(3, axis=(1, 0, 0)) | {"place": {"x": 0, "y": 0, "z": 50}}
        facts = make_facts(features=[TURNED, central, beside, cross])

        assert [hole.on_axis for hole in holes_of(facts)] == [True, False, False]
        assert [hole.direction for hole in holes_of(facts)] == [0, 0, 1]


class TestTurned:
    def test_has_its_profile_in_exact_figures(self) -> None:
        found = turned_of(make_facts(features=[TURNED]))

        assert found is not None
        assert (found.diameter_mm, found.length_mm, found.share) == (
            Decimal(30),
            Decimal(100),
            Decimal("0.9"),
        )
        assert found.profile == (
            Turn(Decimal(30), Decimal(30), Decimal(90)),
            Turn(Decimal(30), Decimal(20), Decimal(10)),
        )

    def test_is_nothing_that_a_bolt_in_an_assembly_has(self) -> None:
        assert turned_of(make_facts(features=[TURNED], bodies=2)) is None


def test_equal_facts_are_equal_parts() -> None:
    facts = make_facts(features=[make_hole(1)])

    assert part_of_facts(facts) == part_of_facts(facts.model_copy())
