import math
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest

from app.calculator.analysis.solid import measure_solid
from app.calculator.errors import CadInvalid, CadUnreadable
from app.calculator.geometry.part import SolidPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.contract.geometry import PartFacts
from tests.calculator.solids import block, block_with_hole, compound, write_step

pytestmark = pytest.mark.cad

HOLE_VOLUME = 40 * 30 * 20 - math.pi * 16 * 20


def measure(shape: Any) -> PartFacts:
    part = SolidPart(format="step", shape=shape.wrapped, unit="mm")
    return list(measure_solid(part))[-1]


def reread(shape: Any, folder: Path, unit: str = "MM") -> PartFacts:
    part = read_step(write_step(shape, folder / "part.step", unit), ReadLimits())
    return list(measure_solid(part))[-1]


class TestFigures:
    def test_of_a_block(self) -> None:
        facts = measure(block())

        assert facts.volume_mm3 == pytest.approx(24_000)
        assert facts.area_mm2 == pytest.approx(5_200)
        assert facts.centroid_mm == pytest.approx((20, 15, 10))
        assert (facts.bodies, facts.watertight, facts.triangles, facts.findings) == (1, True, None, ())

    @pytest.mark.parametrize(
        ("shape", "volume_mm3", "area_mm2"),
        [
            pytest.param(cq.Solid.makeCylinder(8, 25), math.pi * 1600, math.pi * 528, id="cylinder"),
            pytest.param(cq.Workplane().sphere(10).val(), 4000 / 3 * math.pi, 400 * math.pi, id="sphere"),
            pytest.param(cq.Solid.makeTorus(30, 10), 6000 * math.pi**2, 1200 * math.pi**2, id="torus"),
            pytest.param(
                cq.Solid.makeCone(10, 5, 12), 700 * math.pi, math.pi * (100 + 25 + 15 * 13), id="cone"
            ),
        ],
    )
    def test_of_round_bodies_follow_the_formulas(
        self, shape: Any, volume_mm3: float, area_mm2: float
    ) -> None:
        facts = measure(shape)

        assert facts.volume_mm3 == pytest.approx(volume_mm3, rel=1e-7)
        assert facts.area_mm2 == pytest.approx(area_mm2, rel=1e-7)

    def test_sum_the_area_by_surface(self) -> None:
        areas = measure(block_with_hole()).face_areas_mm2

        assert areas is not None
        assert areas.plane == pytest.approx(5_200 - 2 * math.pi * 16)
        assert areas.cylinder == pytest.approx(2 * math.pi * 4 * 20)
        assert (areas.cone, areas.sphere, areas.torus, areas.other) == (0, 0, 0, 0)

    def test_sum_the_area_of_repeated_bodies_once_for_each(self) -> None:
        first = block()
        areas = measure(compound(first, first.moved(cq.Location(cq.Vector(100, 0, 0))))).face_areas_mm2

        assert areas is not None
        assert areas.plane == pytest.approx(2 * 5_200)

    def test_count_the_faces_by_surface(self) -> None:
        faces = measure(block_with_hole()).faces

        assert faces is not None
        assert (faces.plane, faces.cylinder, faces.other) == (6, 1, 0)

    def test_box_is_exact_on_round_faces(self) -> None:
        facts = measure(cq.Solid.makeTorus(30, 10))

        box = facts.bounding_box_mm
        assert (box.x, box.y, box.z) == pytest.approx((80, 80, 20), abs=1e-4)

    def test_box_is_exact_on_free_form_faces(self) -> None:
        facts = measure(cq.Workplane().ellipse(20, 10).extrude(5).val())

        box = facts.bounding_box_mm
        assert (box.x, box.y, box.z) == pytest.approx((40, 20, 5), abs=1e-4)

    @pytest.mark.parametrize("axis", [(0, 0, 1), (1, 1, 0), (1, 2, 3)])
    def test_of_a_turned_block_keep_its_own_extents(self, axis: tuple[float, float, float]) -> None:
        facts = measure(block().rotate(cq.Vector(0, 0, 0), cq.Vector(*axis), 27))

        oriented = facts.oriented_box_mm
        assert (oriented.x, oriented.y, oriented.z) == pytest.approx((40, 30, 20), abs=1e-4)
        assert facts.bounding_box_mm.x > 40

    def test_of_a_turned_rod_fit_its_diameter(self) -> None:
        facts = measure(cq.Solid.makeCylinder(5, 60, dir=cq.Vector(1, 2, 3)))

        oriented = facts.oriented_box_mm
        assert (oriented.x, oriented.y, oriented.z) == pytest.approx((60, 10, 10), rel=1e-3)

    def test_do_not_depend_on_the_distance_from_the_origin(self) -> None:
        facts = measure(block_with_hole().moved(cq.Location(cq.Vector(1e5, -1e5, 1e5))))

        assert facts.volume_mm3 == pytest.approx(HOLE_VOLUME, rel=1e-6)

    def test_of_repeated_bodies_add_up_at_their_places(self) -> None:
        one = block(10, 10, 10)
        facts = measure(compound(one, one.moved(cq.Location(cq.Vector(30, 0, 0)))))

        assert facts.bodies == 2
        assert facts.volume_mm3 == pytest.approx(2000)
        assert facts.centroid_mm == pytest.approx((20, 5, 5))

    def test_come_in_stages(self) -> None:
        stages = list(measure_solid(SolidPart(format="step", shape=block().wrapped, unit="mm")))

        assert [stage.complete for stage in stages] == [False, False, True]
        assert [stage.volume_mm3 is None for stage in stages] == [True, False, False]


class TestFiles:
    @pytest.mark.parametrize(("written", "told"), [("MM", "mm"), ("INCH", "inch"), ("CM", "cm"), ("M", "m")])
    def test_every_unit_becomes_millimetres(self, tmp_path: Path, written: str, told: str) -> None:
        facts = reread(block_with_hole(), tmp_path, written)

        assert facts.unit == told
        assert facts.volume_mm3 == pytest.approx(HOLE_VOLUME, rel=1e-6)

    def test_curves_beside_a_solid_are_left_out_quietly(self, tmp_path: Path) -> None:
        shape = compound(block(), cq.Edge.makeLine(cq.Vector(0, 0, 0), cq.Vector(500, 0, 0)))

        facts = reread(shape, tmp_path)

        assert facts.bounding_box_mm.x == pytest.approx(40)
        assert [(finding.code, finding.severity) for finding in facts.findings] == [
            ("loose-geometry", "info")
        ]

    @pytest.mark.parametrize(
        ("shape", "reason"),
        [
            pytest.param(cq.Face.makePlane(10, 10), "surfaces", id="a face"),
            pytest.param(cq.Edge.makeCircle(10), "curves", id="a circle"),
        ],
    )
    def test_without_a_solid_are_refused_with_the_reason(
        self, tmp_path: Path, shape: Any, reason: str
    ) -> None:
        with pytest.raises(CadInvalid, match=reason):
            reread(shape, tmp_path)

    def test_a_statement_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        path = write_step(block(), tmp_path / "part.step")
        path.write_bytes(path.read_bytes().replace(b"DATA;\n", b"DATA;\n#9999 = PRODUCT('x')\n", 1))

        part = read_step(path, ReadLimits())

        assert [finding.code for finding in part.findings] == ["syntax-errors"]

    def test_a_solid_that_cannot_be_built_is_told(self, tmp_path: Path) -> None:
        path = write_step(compound(block(), block(9, 9, 9)), tmp_path / "part.step")
        text = path.read_bytes()
        second = text.rindex(b"MANIFOLD_SOLID_BREP")
        path.write_bytes(text[:second] + text[second:].replace(b"CLOSED_SHELL", b"OPEN_SHELX", 1))

        part = read_step(path, ReadLimits())

        assert "solids-lost" in [finding.code for finding in part.findings]

    def test_noise_after_the_header_is_unreadable(self, tmp_path: Path) -> None:
        path = tmp_path / "part.step"
        path.write_bytes(b"ISO-10303-21;" + b"\x01\x02" * 400 + b"END-ISO-10303-21;")

        with pytest.raises((CadUnreadable, CadInvalid)):
            read_step(path, ReadLimits())


def test_a_solid_with_a_gap_has_no_sure_volume() -> None:
    faces = block().Faces()[:-1]
    shell = cq.Shell.makeShell(faces)
    facts = measure(cq.Solid(cq.Solid.makeSolid(shell).wrapped))

    assert (facts.volume_mm3, facts.watertight) == (None, False)
    assert [finding.code for finding in facts.findings] == ["solid-open"]
