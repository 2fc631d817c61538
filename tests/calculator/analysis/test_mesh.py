import math

import numpy as np
import pytest

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.errors import CadInvalid
from app.calculator.geometry.part import MeshPart
from app.contract.geometry import PartFacts
from tests.calculator.bodies import Mesh, box, flipped, torus, turned

CUBE = box(20, 12, 8)
SHELL = torus(30, 10)


def measure(*meshes: Mesh) -> PartFacts:
    return list(measure_mesh(MeshPart(format="stl", triangles=np.concatenate(meshes))))[-1]


def codes(facts: PartFacts) -> list[str]:
    return [finding.code for finding in facts.findings]


def loud(facts: PartFacts) -> list[str]:
    return [finding.code for finding in facts.findings if finding.severity != "info"]


class TestFigures:
    def test_of_a_box_are_exact(self) -> None:
        facts = measure(CUBE)

        assert facts.volume_mm3 == pytest.approx(1920)
        assert facts.area_mm2 == pytest.approx(992)
        assert facts.bounding_box_mm.model_dump() == pytest.approx({"x": 20, "y": 12, "z": 8})
        assert facts.centroid_mm == pytest.approx((10, 6, 4))
        assert (facts.watertight, facts.bodies, facts.triangles, facts.complete) == (True, 1, 12, True)
        assert facts.findings == ()

    def test_of_a_torus_approach_the_formula(self) -> None:
        facts = measure(torus(30, 10, 400, 200))

        assert facts.volume_mm3 == pytest.approx(2 * math.pi**2 * 30 * 100, rel=3e-4)
        assert facts.area_mm2 == pytest.approx(4 * math.pi**2 * 300, rel=3e-4)

    @pytest.mark.parametrize("distance_mm", [1e3, 1e5])
    def test_do_not_depend_on_the_distance_from_the_origin(self, distance_mm: float) -> None:
        facts = measure(box(20, 12, 8, at=(distance_mm, -distance_mm, distance_mm)))

        assert facts.volume_mm3 == pytest.approx(1920, rel=1e-6)
        assert facts.centroid_mm == pytest.approx(
            (distance_mm + 10, 6 - distance_mm, distance_mm + 4), rel=1e-6
        )

    @pytest.mark.parametrize("scale", [0.01, 3, 50])
    def test_grow_with_the_powers_of_the_scale(self, scale: float) -> None:
        plain, scaled = measure(SHELL), measure((SHELL * np.float32(scale)).astype(np.float32))

        assert scaled.volume_mm3 == pytest.approx((plain.volume_mm3 or 0) * scale**3, rel=1e-4)
        assert scaled.area_mm2 == pytest.approx(plain.area_mm2 * scale**2, rel=1e-4)

    def test_of_a_turned_box_keep_its_own_extents_in_falling_order(self) -> None:
        facts = measure(turned(box(40, 30, 20), 33, (1, 2, 3)))

        oriented = facts.oriented_box_mm
        assert (oriented.x, oriented.y, oriented.z) == pytest.approx((40, 30, 20), rel=1e-4)
        assert facts.volume_mm3 == pytest.approx(24_000, rel=1e-5)

    def test_do_not_depend_on_the_order_of_the_triangles(self) -> None:
        shuffled = SHELL[np.random.default_rng(7).permutation(len(SHELL))]

        assert measure(shuffled).volume_mm3 == pytest.approx(measure(SHELL).volume_mm3 or 0, rel=1e-12)

    def test_come_in_stages_of_which_only_the_last_is_complete(self) -> None:
        stages = list(measure_mesh(MeshPart(format="stl", triangles=CUBE)))

        assert [stage.complete for stage in stages] == [False, True]
        assert codes(stages[0]) == ["analysis-incomplete"]
        assert stages[0].volume_mm3 is None
        assert stages[0].area_mm2 == pytest.approx(992)


class TestNoSureVolume:
    def test_of_an_open_mesh(self) -> None:
        facts = measure(SHELL[1:])

        assert (facts.volume_mm3, facts.watertight) == (None, False)
        assert loud(facts) == ["mesh-open", "mesh-repaired"]
        assert facts.findings[0].value == 3

    def test_of_a_mesh_with_some_triangles_flipped(self) -> None:
        facts = measure(flipped(SHELL[:20]), SHELL[20:])

        assert (facts.volume_mm3, loud(facts)) == (None, ["mesh-inconsistent", "mesh-repaired"])

    def test_of_bodies_that_touch_along_an_edge(self) -> None:
        facts = measure(CUBE, box(20, 12, 8, at=(20, 0, 8)))

        assert (facts.volume_mm3, loud(facts)) == (None, ["mesh-non-manifold"])


class TestSetRight:
    def test_a_mesh_inside_out_is_turned_aloud(self) -> None:
        facts = measure(flipped(CUBE))

        assert facts.volume_mm3 == pytest.approx(1920)
        assert loud(facts) == ["mesh-inside-out"]
        assert facts.centroid_mm == pytest.approx((10, 6, 4))

    def test_repeated_triangles_count_once_aloud(self) -> None:
        facts = measure(CUBE, CUBE[:4], np.roll(CUBE[4:6], 1, axis=1))

        assert facts.volume_mm3 == pytest.approx(1920)
        assert facts.area_mm2 == pytest.approx(992)
        assert loud(facts) == ["duplicate-facets"]

    def test_triangles_without_area_are_noted_quietly(self) -> None:
        point = np.zeros((2, 3, 3), dtype=np.float32)
        sliver = np.array([[[0, 0, 0], [10, 0, 0], [20, 0, 0]]], dtype=np.float32)

        facts = measure(CUBE, point, sliver)

        assert facts.volume_mm3 == pytest.approx(1920)
        assert (codes(facts), loud(facts)) == (["degenerate-facets"], [])

    def test_corners_a_hair_apart_are_joined_quietly(self) -> None:
        noise = np.random.default_rng(3).uniform(-2e-6, 2e-6, SHELL.shape)

        facts = measure((SHELL + noise).astype(np.float32))

        assert facts.watertight
        assert facts.volume_mm3 == pytest.approx(measure(SHELL).volume_mm3 or 0, rel=1e-5)
        assert (codes(facts), loud(facts)) == (["mesh-welded"], [])

    def test_negative_zero_is_zero(self) -> None:
        mesh = CUBE.copy()
        mesh[::2][mesh[::2] == 0] = np.float32(-0.0)

        assert codes(measure(mesh)) == []


class TestNoPart:
    @pytest.mark.parametrize(
        "mesh",
        [
            pytest.param(CUBE * np.array([1, 1, 0], dtype=np.float32), id="flat"),
            pytest.param(CUBE * np.float32(1e12), id="astronomic"),
            pytest.param(CUBE * np.float32(1e-7), id="atomic"),
            pytest.param(np.where(CUBE == 20, np.float32(np.nan), CUBE), id="not a number"),
            pytest.param(np.where(CUBE == 20, np.float32(np.inf), CUBE), id="infinite"),
            pytest.param(np.zeros((3, 3, 3), dtype=np.float32), id="a point"),
            pytest.param(
                np.random.default_rng(5).uniform(0, 10, (50, 3, 3)).astype(np.float32), id="loose triangles"
            ),
        ],
    )
    def test_is_refused(self, mesh: Mesh) -> None:
        with pytest.raises(CadInvalid):
            measure(mesh)


def test_a_suspicious_size_is_a_remark_and_changes_nothing() -> None:
    facts = measure(box(0.02, 0.02, 0.015))

    assert facts.volume_mm3 == pytest.approx(6e-6)
    assert (codes(facts), loud(facts)) == (["unit-suspect"], [])
