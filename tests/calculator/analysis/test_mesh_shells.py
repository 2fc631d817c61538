import numpy as np
import pytest

from app.calculator.analysis.mesh import measure_mesh
from app.calculator.geometry.part import MeshPart
from app.contract.geometry import PartFacts
from tests.calculator.bodies import Mesh, box, flipped, torus


def measure(*meshes: Mesh) -> PartFacts:
    return list(measure_mesh(MeshPart(format="stl", triangles=np.concatenate(meshes))))[-1]


def loud(facts: PartFacts) -> list[str]:
    return [finding.code for finding in facts.findings if finding.severity != "info"]


def test_bodies_apart_are_counted_and_added() -> None:
    facts = measure(box(10, 10, 10), box(5, 5, 5, at=(20, 0, 0)))

    assert (facts.bodies, loud(facts)) == (2, [])
    assert facts.volume_mm3 == pytest.approx(1125)


def test_bodies_that_touch_at_a_corner_are_two() -> None:
    facts = measure(box(10, 10, 10), box(5, 5, 5, at=(10, 10, 10)))

    assert (facts.bodies, facts.watertight) == (2, True)


def test_a_cavity_is_taken_away() -> None:
    facts = measure(box(10, 10, 10), flipped(box(4, 4, 4, at=(3, 3, 3))))

    assert (facts.bodies, loud(facts)) == (2, [])
    assert facts.volume_mm3 == pytest.approx(936)


def test_a_ring_around_a_pin_is_sound() -> None:
    facts = measure(torus(30, 5), box(10, 10, 60, at=(-5, -5, -30)))

    assert loud(facts) == []


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(box(20, 12, 8, at=(10, 0, 0)), id="side by side, sharing a third"),
        pytest.param(box(4, 4, 4, at=(3, 3, 3)), id="a solid inside a solid"),
        pytest.param(box(4, 4, 60, at=(6, 4, -20)), id="a bar through the middle"),
    ],
)
def test_overlapping_bodies_have_no_sure_volume(second: Mesh) -> None:
    facts = measure(box(20, 12, 8), second)

    assert (facts.volume_mm3, loud(facts)) == (None, ["shells-contradict"])


def test_a_body_inside_out_beside_a_sound_one_is_a_contradiction() -> None:
    facts = measure(box(20, 12, 8), flipped(box(5, 5, 5, at=(40, 0, 0))))

    assert (facts.volume_mm3, loud(facts)) == (None, ["shells-contradict", "mesh-repaired"])


def test_a_press_fit_of_a_thousandth_is_tolerated() -> None:
    facts = measure(box(20, 20, 20), box(20, 20, 20, at=(19.99, 0, 0)))

    assert loud(facts) == []
    assert facts.volume_mm3 == pytest.approx(16_000)


def test_a_plate_of_a_hundred_parts_is_told() -> None:
    meshes = [box(1, 1, 1, at=(2.0 * column, 2.0 * row, 0)) for row in range(10) for column in range(10)]

    facts = measure(*meshes)

    assert (facts.bodies, loud(facts)) == (100, ["many-bodies"])
    assert facts.volume_mm3 == pytest.approx(100)
