import io
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable, CalculatorError
from app.calculator.readers.base import ReadLimits
from app.contract.geometry import FlatDrawing, PartFacts
from tests.calculator.drawings import codes, dxf, lines, measured, new, read, rectangle, written


def sheet(facts: PartFacts) -> FlatDrawing:
    assert facts.drawing is not None
    return facts.drawing


def stadium(space: Any) -> None:
    """Two lines and two arcs: 20 long between the centres, radius 5."""
    space.add_line((0, 0), (20, 0))
    space.add_arc((20, 5), 5, -90, 90)
    space.add_line((20, 10), (0, 10))
    space.add_arc((0, 5), 5, 90, 270)


def bulged(space: Any) -> None:
    space.add_lwpolyline([(0, 0, 0), (20, 0, 1), (20, 10, 0), (0, 10, 1)], format="xyb", close=True)


def bulged_the_other_way(space: Any) -> None:
    points = [(0, 10, 0), (20, 10, -1), (20, 0, 0), (0, 0, -1)]
    space.add_lwpolyline(points, format="xyb", close=True)


def old_polyline(space: Any) -> None:
    space.add_polyline2d([(0, 0, 0), (20, 0, 1), (20, 10, 0), (0, 10, 1)], format="xyb", close=True)


def on_the_back(space: Any) -> None:
    """Seen from behind: x runs the other way."""
    space.add_line((0, 0), (-20, 0))
    space.add_arc((20, 5), 5, -90, 90, dxfattribs={"extrusion": (0, 0, -1)})
    space.add_line((-20, 10), (0, 10))
    space.add_arc((0, 5), 5, 90, 270, dxfattribs={"extrusion": (0, 0, -1)})


STADIUM = (200 + 25 * math.pi, 40 + 10 * math.pi)


class TestEntities:
    @pytest.mark.parametrize(
        ("draw", "version"),
        [
            *product((stadium, old_polyline, on_the_back), ("R12", "R2000", "R2018")),
            *product((bulged, bulged_the_other_way), ("R2000", "R2018")),
        ],
    )
    def test_lines_and_arcs_give_exact_figures(
        self, tmp_path: Path, draw: Callable[[Any], None], version: str
    ) -> None:
        facts = measured(tmp_path, dxf(draw, version=version))

        drawing = sheet(facts)
        assert [drawing.area_mm2, drawing.cut_length_mm] == pytest.approx(STADIUM, rel=1e-9)
        assert (drawing.contours, drawing.open_contours, facts.bodies) == (1, 0, 1)
        box = facts.bounding_box_mm
        assert [box.x, box.y, box.z] == pytest.approx([30, 10, 0])

    def test_a_circle(self, tmp_path: Path) -> None:
        drawing = sheet(measured(tmp_path, dxf(lambda space: space.add_circle((3, 4), 10))))

        assert [drawing.area_mm2, drawing.cut_length_mm] == pytest.approx(
            [100 * math.pi, 20 * math.pi], rel=1e-9
        )

    def test_an_ellipse(self, tmp_path: Path) -> None:
        facts = measured(tmp_path, dxf(lambda space: space.add_ellipse((1, 2), (0, 20), 0.5)))

        drawing = sheet(facts)
        assert drawing.area_mm2 == pytest.approx(200 * math.pi, rel=1e-9)
        assert drawing.cut_length_mm == pytest.approx(96.8844822, rel=1e-7)
        assert [facts.bounding_box_mm.x, facts.bounding_box_mm.y] == pytest.approx([20, 40])

    def test_a_rational_spline_is_a_true_circle(self, tmp_path: Path) -> None:
        half = math.sqrt(0.5)
        corners = [(10, 0), (10, 10), (0, 10), (-10, 10), (-10, 0), (-10, -10), (0, -10), (10, -10), (10, 0)]
        weights = [1, half, 1, half, 1, half, 1, half, 1]
        knots = [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4]

        def draw(space: Any) -> None:
            spline = space.add_spline(degree=2)
            spline.control_points = [(x, y, 0) for x, y in corners]
            spline.weights, spline.knots = weights, knots

        facts = measured(tmp_path, dxf(draw))

        drawing = sheet(facts)
        assert [drawing.area_mm2, drawing.cut_length_mm] == pytest.approx(
            [100 * math.pi, 20 * math.pi], rel=1e-6
        )

    def test_a_spline_through_points(self, tmp_path: Path) -> None:
        around = [(10 * math.cos(t), 10 * math.sin(t), 0) for t in (2 * math.pi * k / 24 for k in range(25))]

        drawing = sheet(measured(tmp_path, dxf(lambda space: space.add_spline(around))))

        assert drawing.area_mm2 == pytest.approx(100 * math.pi, rel=1e-2)

    def test_what_is_not_a_line_is_left_out_aloud(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            stadium(space)
            space.add_text("Ø5")
            space.add_point((1, 1))
            space.add_line((0, 5), (20, 5), dxfattribs={"linetype": "CENTER"})
            space.add_line((0, 5), (20, 5), dxfattribs={"layer": "Defpoints"})

        facts = measured(tmp_path, dxf(draw))

        assert sheet(facts).area_mm2 == pytest.approx(STADIUM[0])
        assert codes(facts) == ["entities-ignored", "marks-not-cut", "hidden-ignored"]
        assert "1 POINT, 1 TEXT" in facts.findings[0].message

    def test_layers_that_are_off_or_dashed_are_not_cut(self, tmp_path: Path) -> None:
        document = new()
        document.layers.add("OFF").off()
        document.layers.add("BENDS", linetype="DASHED")
        stadium(document.modelspace())
        for layer in ("OFF", "BENDS"):
            document.modelspace().add_line((0, 5), (20, 5), dxfattribs={"layer": layer})

        facts = measured(tmp_path, written(document))

        assert sheet(facts).open_contours == 0
        assert codes(facts) == ["marks-not-cut", "hidden-ignored"]

    def test_lines_that_rise_are_seen_from_above(self, tmp_path: Path) -> None:
        def draw(space: Any) -> None:
            stadium(space)
            space.add_line((0, 0, 0), (0, 0.5, 3))

        facts = measured(tmp_path, dxf(draw))

        assert "drawing-not-flat" in codes(facts)


class TestBlocks:
    @staticmethod
    def document() -> Any:
        document = new()
        block = document.blocks.new("PLATE", base_point=(1, 1))
        lines(block, *rectangle(0, 0, 10, 20))
        block.add_circle((5, 10), 2)
        return document

    def area(self, folder: Path, document: Any) -> float:
        return sheet(measured(folder, written(document))).area_mm2

    def test_an_inserted_block_is_drawn_in_its_place(self, tmp_path: Path) -> None:
        document = self.document()
        document.modelspace().add_blockref("PLATE", (100, 50), dxfattribs={"rotation": 90})

        facts = measured(tmp_path, written(document))

        assert sheet(facts).area_mm2 == pytest.approx(200 - 4 * math.pi)
        assert facts.centroid_mm == pytest.approx((100 - 9, 50 + 4, 0))
        assert facts.features[0].place.x == pytest.approx(91)

    @pytest.mark.parametrize(("x", "y"), [(2, 2), (-1, 1), (1, 3)])
    def test_scaled_mirrored_and_stretched(self, tmp_path: Path, x: float, y: float) -> None:
        document = self.document()
        document.modelspace().add_blockref("PLATE", (0, 0), dxfattribs={"xscale": x, "yscale": y})

        assert self.area(tmp_path, document) == pytest.approx((200 - 4 * math.pi) * abs(x * y), rel=1e-6)

    def test_rows_and_columns(self, tmp_path: Path) -> None:
        document = self.document()
        grid = {"row_count": 3, "column_count": 4, "row_spacing": 30, "column_spacing": 15}
        document.modelspace().add_blockref("PLATE", (0, 0), dxfattribs=grid)

        facts = measured(tmp_path, written(document))

        assert (facts.bodies, len(facts.features)) == (12, 12)

    def test_blocks_within_blocks(self, tmp_path: Path) -> None:
        document = self.document()
        document.blocks.new("OUTER").add_blockref("PLATE", (3, 3), dxfattribs={"xscale": 2, "yscale": 2})
        document.modelspace().add_blockref("OUTER", (0, 0))

        assert self.area(tmp_path, document) == pytest.approx(4 * (200 - 4 * math.pi))

    def test_blocks_that_hold_one_another_are_refused(self, tmp_path: Path) -> None:
        document = new()
        document.blocks.new("A").add_blockref("B", (0, 0))
        document.blocks.new("B").add_blockref("A", (0, 0))
        document.modelspace().add_blockref("A", (0, 0))

        with pytest.raises(CadUnreadable, match="circle"):
            read(tmp_path, written(document))

    def test_blocks_that_multiply_are_counted_and_not_drawn(self, tmp_path: Path) -> None:
        document = self.document()
        inner = "PLATE"
        for level in range(20):
            block = document.blocks.new(f"L{level}")
            for _ in range(4):
                block.add_blockref(inner, (0, 0))
            inner = f"L{level}"
        document.modelspace().add_blockref(inner, (0, 0))

        with pytest.raises(CadTooComplex, match="entities"):
            read(tmp_path, written(document))

    def test_a_grid_of_billions_is_refused(self, tmp_path: Path) -> None:
        document = self.document()
        grid = {"row_count": 32_000, "column_count": 32_000, "row_spacing": 1, "column_spacing": 1}
        document.modelspace().add_blockref("PLATE", (0, 0), dxfattribs=grid)

        with pytest.raises(CadTooComplex):
            read(tmp_path, written(document))


class TestUnits:
    @pytest.mark.parametrize(
        ("number", "name", "factor"),
        [(1, "inch", 25.4), (2, "ft", 304.8), (4, "mm", 1), (5, "cm", 10), (6, "m", 1000), (13, "um", 0.001)],
    )
    def test_the_header_names_the_unit(self, tmp_path: Path, number: int, name: str, factor: float) -> None:
        facts = measured(tmp_path, dxf(stadium, units=number))

        assert facts.unit == name
        assert facts.bounding_box_mm.x == pytest.approx(30 * factor)
        assert "unit-assumed" not in codes(facts)

    def test_no_unit_is_taken_as_millimetres_aloud(self, tmp_path: Path) -> None:
        content = dxf(stadium, units=0)

        assert codes(measured(tmp_path, content)) == ["unit-assumed"]

    def test_an_old_file_without_the_variable_is_not_in_metres(self, tmp_path: Path) -> None:
        facts = measured(tmp_path, dxf(stadium, version="R12"))

        assert facts.unit == "mm"
        assert facts.bounding_box_mm.x == pytest.approx(30)


class TestBinary:
    def test_reads_the_same(self, tmp_path: Path) -> None:
        document = new(units=1)
        stadium(document.modelspace())
        stream = io.BytesIO()
        document.write(stream, fmt="bin")

        facts = measured(tmp_path, stream.getvalue())

        assert facts.unit == "inch"
        assert sheet(facts).area_mm2 == pytest.approx(STADIUM[0] * 25.4**2)


class TestRefusals:
    @pytest.mark.parametrize("draw", [lambda _: None, lambda space: space.add_text("a title")])
    def test_a_drawing_without_lines_is_no_part(self, tmp_path: Path, draw: Callable[[Any], object]) -> None:
        with pytest.raises(CadInvalid):
            read(tmp_path, dxf(draw))

    @pytest.mark.parametrize("kept", [0.2, 0.5, 0.8, 0.99])
    def test_a_cut_file_is_refused(self, tmp_path: Path, kept: float) -> None:
        content = dxf(stadium)

        with pytest.raises(CadUnreadable, match="cut"):
            read(tmp_path, content[: int(len(content) * kept)])

    def test_too_many_entities_are_too_complex(self, tmp_path: Path) -> None:
        with pytest.raises(CadTooComplex):
            read(tmp_path, dxf(stadium), ReadLimits(max_entities=3))

    @pytest.mark.parametrize(
        "text",
        [
            "0\nSECTION\n2\nENTITIES\n0\nLINE\n10\nwest\n20\n0\n11\n1\n21\n1\n0\nENDSEC\n0\nEOF\n",
            "0\nSECTION\n2\nENTITIES\n0\nCIRCLE\n8\n0\n0\nENDSEC\n0\nEOF\n",
            "0\nSECTION\n2\nENTITIES\nx\ny\nz\n0\nENDSEC\n0\nEOF\n",
            "0\nSECTION\n2\nENTITIES\n0\nSPLINE\n71\n3\n40\n0\n10\n1\n20\n1\n0\nENDSEC\n0\nEOF\n",
            "0\nSECTION\n0\nEOF\n",
        ],
    )
    def test_nonsense_is_refused_and_never_measured(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(CalculatorError):
            measured(tmp_path, text.encode())
