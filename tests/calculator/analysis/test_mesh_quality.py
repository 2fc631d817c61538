import numpy as np
import pytest

from app.calculator.analysis import mesh_quality
from app.calculator.analysis.mesh import measure_mesh
from app.calculator.geometry.part import MeshPart
from app.contract.geometry import Finding, MeshQuality, PartFacts
from tests.calculator.bodies import Mesh, box, flipped, torus

CUBE = box(20, 12, 8)
SHELL = torus(30, 10)


def measure(*meshes: Mesh) -> PartFacts:
    return list(measure_mesh(MeshPart(format="stl", triangles=np.concatenate(meshes))))[-1]


def quality(facts: PartFacts) -> MeshQuality:
    assert facts.mesh is not None
    return facts.mesh


def repair(facts: PartFacts) -> Finding:
    (finding,) = (finding for finding in facts.findings if finding.code == "mesh-repaired")
    return finding


def volume_of_shell() -> float:
    return measure(SHELL).volume_mm3 or 0.0


class TestCounts:
    def test_of_a_sound_mesh_are_nought(self) -> None:
        assert quality(measure(CUBE)) == MeshQuality()

    def test_of_open_edges_are_those_of_the_file(self) -> None:
        found = quality(measure(SHELL[1:]))

        assert (found.open_edges, found.shells) == (3, 1)

    def test_of_crowded_edges(self) -> None:
        assert quality(measure(CUBE, box(20, 12, 8, at=(20, 0, 8)))).nonmanifold_edges == 1

    def test_of_flipped_triangles_are_the_fewest_that_explain_it(self) -> None:
        assert quality(measure(flipped(SHELL[:20]), SHELL[20:])).flipped_triangles == 20
        assert quality(measure(SHELL[:20], flipped(SHELL[20:]))).flipped_triangles == 20

    def test_of_shells_and_those_that_contradict_each_other(self) -> None:
        apart = box(1, 1, 1, at=(50, 0, 0))

        found = quality(measure(CUBE, box(20, 12, 8, at=(10, 0, 0)), apart))

        assert (found.shells, found.contradicting_shells) == (3, 2)

    def test_of_triangles_without_area_or_there_twice(self) -> None:
        point = np.zeros((2, 3, 3), dtype=np.float32)

        found = quality(measure(CUBE, CUBE[:3], point))

        assert (found.degenerate_triangles, found.duplicate_triangles) == (2, 3)


class TestRepair:
    def test_of_a_sound_mesh_has_no_name(self) -> None:
        facts = measure(CUBE)

        assert quality(facts).repairs == ()
        assert facts.findings == ()

    def test_that_leaves_no_doubt_is_named_and_the_volume_stays(self) -> None:
        facts = measure(CUBE, CUBE[:3], np.zeros((2, 3, 3), dtype=np.float32))

        assert quality(facts).repairs == ("dropped-duplicates", "dropped-degenerates")
        assert facts.volume_mm3 == pytest.approx(1920)

    def test_of_corners_a_hair_apart_is_named(self) -> None:
        noise = np.random.default_rng(3).uniform(-2e-6, 2e-6, SHELL.shape)

        facts = measure((SHELL + noise).astype(np.float32))

        assert quality(facts).repairs == ("welded-vertices",)

    def test_of_a_mesh_inside_out_is_named(self) -> None:
        facts = measure(flipped(CUBE))

        assert quality(facts).repairs == ("turned-shells",)
        assert facts.volume_mm3 == pytest.approx(1920)

    def test_turns_triangles_and_tells_the_volume_without_using_it(self) -> None:
        facts = measure(flipped(SHELL[:20]), SHELL[20:])

        assert quality(facts).repairs == ("turned-triangles",)
        assert (facts.volume_mm3, repair(facts).severity) == (None, "warning")
        assert repair(facts).value == pytest.approx(volume_of_shell())
        assert repair(facts).unit == "mm3"

    def test_closes_a_missing_triangle(self) -> None:
        facts = measure(np.delete(SHELL, [5, 500, 1500], axis=0))

        assert quality(facts).repairs == ("filled-holes",)
        assert facts.volume_mm3 is None
        assert repair(facts).value == pytest.approx(volume_of_shell())

    def test_does_both_in_one_file(self) -> None:
        facts = measure(flipped(SHELL[100:140]), SHELL[140:], SHELL[:99])

        assert quality(facts).repairs == ("turned-triangles", "filled-holes")
        assert repair(facts).value == pytest.approx(volume_of_shell())

    def test_leaves_openings_alone_that_somebody_may_have_meant(self) -> None:
        facts = measure(CUBE[2:])

        assert quality(facts).repairs == ()
        assert [finding.code for finding in facts.findings] == ["mesh-open"]

    def test_that_does_not_close_the_mesh_promises_nothing(self) -> None:
        facts = measure(flipped(SHELL[:1]), SHELL[1:], box(20, 20, 20, at=(80, 0, 0))[2:])

        assert quality(facts).repairs == ("turned-triangles",)
        assert repair(facts).value is None

    def test_turns_a_body_that_is_inside_out_beside_others(self) -> None:
        facts = measure(CUBE, flipped(box(5, 5, 5, at=(40, 0, 0))))

        assert quality(facts).repairs == ("turned-shells",)
        assert facts.volume_mm3 is None
        assert repair(facts).value == pytest.approx(2045)

    def test_leaves_a_one_sided_strip_as_it_is(self) -> None:
        around = np.linspace(0, 2 * np.pi, 41)[:, None]
        side = np.array([-1.0, 1.0]) * 3
        radius = 20 + side * np.cos(around / 2)
        points = np.stack(
            (radius * np.cos(around), radius * np.sin(around), side * np.sin(around / 2)), axis=-1
        )
        points[-1] = points[0, ::-1]
        a, b, c, d = points[:-1, 0], points[1:, 0], points[1:, 1], points[:-1, 1]
        strip = np.concatenate((np.stack((a, b, c), axis=1), np.stack((a, c, d), axis=1))).astype(np.float32)

        found = quality(measure(strip, box(60, 60, 60, at=(100, 0, 0))))

        assert (found.flipped_triangles, found.repairs) == (0, ())

    def test_of_a_mesh_too_large_is_not_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mesh_quality, "MOST_TRIANGLES", 100)

        facts = measure(SHELL[1:])

        assert quality(facts).repairs == ()
        assert [finding.code for finding in facts.findings] == ["mesh-open"]
