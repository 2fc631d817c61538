import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.contract.geometry import FlatDrawing, PartFacts
from tests.calculator.drawings import codes, dxf, lines, measured, rectangle


def facts_of(folder: Path, draw: Callable[[Any], object]) -> PartFacts:
    return measured(folder, dxf(draw))


def sheet(facts: PartFacts) -> FlatDrawing:
    assert facts.drawing is not None
    return facts.drawing


def plate(space: Any) -> None:
    """100 x 60, a hole of 10, a square window of 20 with an island of 8 x 8 in it."""
    lines(space, *rectangle(0, 0, 100, 60))
    space.add_circle((20, 30), 5)
    lines(space, *rectangle(60, 20, 20, 20))
    lines(space, *rectangle(66, 26, 8, 8))


class TestContours:
    def test_holes_are_taken_away_and_islands_added(self, tmp_path: Path) -> None:
        facts = facts_of(tmp_path, plate)

        drawing = sheet(facts)
        assert drawing.area_mm2 == pytest.approx(6000 - 25 * math.pi - 400 + 64)
        assert drawing.cut_length_mm == pytest.approx(320 + 10 * math.pi + 80 + 32)
        assert (drawing.contours, drawing.inner_contours, drawing.open_contours) == (4, 2, 0)
        assert (facts.bodies, facts.watertight, facts.volume_mm3, facts.findings) == (2, True, None, ())

    def test_lines_in_any_order_and_direction_are_linked(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            space.add_line((10, 10), (10, 0))
            space.add_line((0, 0), (10, 0))
            space.add_line((0, 10), (0, 0))
            space.add_line((0, 10), (10, 10))

        assert sheet(facts_of(tmp_path, draw)).area_mm2 == pytest.approx(100)

    def test_ends_a_hair_apart_are_one_corner(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, (0, 0), (50, 0.004), (50, 50.003), (0.002, 50), closed=False)
            space.add_line((0.004, 50), (-0.003, 0))

        drawing = sheet(facts_of(tmp_path, draw))

        assert (drawing.contours, drawing.open_contours) == (1, 0)

    def test_short_lines_stay_lines(self, tmp_path: Path) -> None:
        """A circle of steps shorter than the reach within which ends are joined."""
        corners = [
            (5 * math.cos(angle), 5 * math.sin(angle))
            for angle in (2 * math.pi * step / 6000 for step in range(6000))
        ]

        facts = facts_of(tmp_path, lambda space: lines(space, *corners))

        assert sheet(facts).area_mm2 == pytest.approx(25 * math.pi, rel=1e-5)
        assert facts.findings == ()

    def test_the_box_turns_with_the_part(self, tmp_path: Path) -> None:
        turned = [(3 * x - 4 * y, 4 * x + 3 * y) for x, y in rectangle(0, 0, 10, 2)]

        facts = facts_of(tmp_path, lambda space: lines(space, *turned))

        box = facts.oriented_box_mm
        assert [box.x, box.y, box.z] == pytest.approx([50, 10, 0])
        assert facts.centroid_mm == pytest.approx((3 * 5 - 4 * 1, 4 * 5 + 3 * 1, 0))

    def test_thousands_of_holes_in_rows(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(-5, -5, 600, 500))
            for index in range(3000):
                space.add_circle((index % 60 * 9.7, index // 60 * 9.7), 3)

        facts = facts_of(tmp_path, draw)

        assert sheet(facts).inner_contours == 3000
        assert len(facts.features) == 3000
        assert facts.findings == ()


class TestRoundHoles:
    def test_inner_circles_are_through_holes_without_a_depth(self, tmp_path: Path) -> None:
        (hole,) = facts_of(tmp_path, plate).features

        assert (hole.id, hole.kind, hole.face_ids, hole.confidence) == ("hole-1", "hole", (), 1.0)
        assert [hole.place.x, hole.place.y, hole.place.z] == pytest.approx([20, 30, 0])
        figures = hole.__pydantic_extra__
        assert figures is not None
        assert (figures["type"], figures["diameter_mm"], figures["depth_mm"]) == ("through", 10, None)

    def test_a_tap_drill_suggests_its_thread(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 50, 50))
            space.add_circle((25, 25), 2.5)

        (hole,) = facts_of(tmp_path, draw).features

        assert (hole.__pydantic_extra__ or {})["thread_candidate"] == "M6"

    @pytest.mark.parametrize(("corners", "holes"), [(6, 0), (12, 0), (24, 1), (48, 1)])
    def test_a_polygon_is_a_hole_when_it_has_many_corners(
        self, tmp_path: Path, corners: int, holes: int
    ) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 50, 50))
            around = [2 * math.pi * step / corners for step in range(corners)]
            lines(space, *[(25 + 5 * math.cos(angle), 25 + 5 * math.sin(angle)) for angle in around])

        features = facts_of(tmp_path, draw).features

        assert [feature.confidence for feature in features] == [0.9] * holes

    def test_two_half_circles_are_one_hole(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 50, 50))
            space.add_arc((25, 25), 4, 0, 180)
            space.add_arc((25, 25), 4, 180, 360)

        (hole,) = facts_of(tmp_path, draw).features

        assert hole.confidence == 1.0

    def test_slots_and_outer_circles_are_none(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            space.add_circle((0, 0), 50)
            space.add_lwpolyline([(0, 0, 0), (9, 0, 1), (9, 4, 0), (0, 4, 1)], format="xyb", close=True)

        assert facts_of(tmp_path, draw).features == ()


class TestFaults:
    def test_open_contours_are_told_with_their_gap_and_place(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            plate(space)
            lines(space, (200, 0), (210, 0), (210, 7), closed=False)

        facts = facts_of(tmp_path, draw)

        assert (sheet(facts).contours, sheet(facts).open_contours, facts.watertight) == (4, 1, False)
        assert codes(facts) == ["contours-open", "contour-gap"]
        opened, gap = facts.findings
        assert (opened.severity, opened.value) == ("warning", 1)
        assert gap.value == pytest.approx(math.hypot(10, 7))
        assert gap.place is not None
        assert (gap.place.x, gap.place.y) in {(200, 0), (210, 7)}

    def test_only_open_lines_have_no_area(self, tmp_path: Path) -> None:
        corners = rectangle(0, 0, 10, 10)

        facts = facts_of(tmp_path, lambda space: lines(space, *corners, closed=False))

        assert (sheet(facts).area_mm2, facts.bodies) == (0, 0)
        assert "contours-open" in codes(facts)

    def test_lines_drawn_twice_count_once(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            plate(space)
            space.add_line((100, 0), (0, 0))
            space.add_circle((20, 30), 5)
            space.add_arc((20, 30), 5, 90, 450)

        facts = facts_of(tmp_path, draw)

        assert sheet(facts).cut_length_mm == pytest.approx(320 + 10 * math.pi + 80 + 32)
        assert [(finding.code, finding.value) for finding in facts.findings] == [("duplicate-lines", 3)]

    def test_curves_that_mirror_each_other_are_no_copies(self, tmp_path: Path) -> None:
        """A leaf between two waves with the same ends, box and length."""

        def draw(space: Any) -> None:
            space.add_arc((5, 0), 5, 0, 180)
            space.add_arc((15, 0), 5, 180, 360)
            space.add_arc((5, 0), 5, 180, 360)
            space.add_arc((15, 0), 5, 0, 180)

        facts = facts_of(tmp_path, draw)

        assert sheet(facts).area_mm2 == pytest.approx(50 * math.pi)
        assert "duplicate-lines" not in codes(facts)

    def test_contours_that_touch_in_a_corner_stay_two(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 10, 10))
            lines(space, *rectangle(10, 10, 5, 5))

        drawing = sheet(facts_of(tmp_path, draw))

        assert drawing.contours == 2
        assert drawing.area_mm2 == pytest.approx(125)

    def test_shared_lines_are_a_fork(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 10, 10))
            lines(space, (10, 0), (20, 0), (20, 10), (10, 10), closed=False)

        facts = facts_of(tmp_path, draw)

        assert "contours-fork" in codes(facts)
        assert not facts.watertight

    def test_contours_that_cut_through_each_other_are_told(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            lines(space, *rectangle(0, 0, 100, 100))
            space.add_circle((100, 50), 10)

        facts = facts_of(tmp_path, draw)

        assert codes(facts) == ["contours-cross"]
        assert not facts.watertight

    def test_a_contour_that_cuts_through_itself_is_told(self, tmp_path: Path) -> None:
        facts = facts_of(tmp_path, lambda space: lines(space, (0, 0), (40, 30), (40, 0), (0, 20)))

        assert "contours-cross" in codes(facts)

    def test_circles_that_only_touch_do_not_cross(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            space.add_circle((0, 0), 50)
            space.add_circle((30, 0), 20)
            space.add_circle((70, 0), 20)

        assert facts_of(tmp_path, draw).findings == ()
