import numpy as np
import pytest

from app.calculator.geometry import mesh_surface
from app.calculator.geometry.mesh_fit import Round
from app.calculator.geometry.mesh_regions import Regions
from app.calculator.geometry.mesh_surface import divided, surface_of_mesh
from app.calculator.geometry.part import MeshPart
from app.calculator.geometry.surface import Surface
from tests.calculator.bodies import Mesh, box, flipped, torus, turned


def part_of(*meshes: Mesh) -> MeshPart:
    return MeshPart("stl", np.concatenate(meshes))


def regions(*meshes: Mesh) -> Regions:
    found = divided(part_of(*meshes))
    assert found is not None
    return found


def surface(*meshes: Mesh) -> Surface:
    part = part_of(*meshes)
    return surface_of_mesh(part, divided(part))


def prism(sides: int, radius: float = 5, height: float = 20) -> Mesh:
    """An upright column with flat ends."""
    turn = 2 * np.pi * np.arange(sides + 1) / sides
    low = np.stack((radius * np.cos(turn), radius * np.sin(turn), np.zeros(sides + 1)), axis=1)
    high = low + np.array((0, 0, height))
    a, b, c, d = low[:-1], low[1:], high[1:], high[:-1]
    top, bottom = np.full_like(a, (0, 0, height)), np.zeros_like(a)
    faces = [(a, b, c), (a, c, d), (top, d, c), (bottom, b, a)]
    return np.concatenate([np.stack(corners, axis=1) for corners in faces]).astype(np.float32)


def kinds(found: Regions) -> list[str]:
    return sorted(one.kind if isinstance(one, Round) else type(one).__name__ for one in found.surfaces)


class TestRegions:
    def test_of_a_box_are_its_sides(self) -> None:
        assert np.bincount(surface(box(20, 12, 8)).face_of).tolist() == [2] * 6

    def test_are_numbered_by_their_first_triangle(self) -> None:
        assert surface(box(20, 12, 8)).face_of.tolist() == sorted(2 * list(range(6)))

    @pytest.mark.parametrize("sides", [12, 40, 300])
    def test_of_a_round_column_are_its_wall_and_its_ends(self, sides: int) -> None:
        found = regions(prism(sides))

        (wall,) = (one for one in found.surfaces if isinstance(one, Round))
        assert kinds(found) == ["Flat", "Flat", "cylinder"]
        assert wall.radius_mm == pytest.approx(5, abs=1e-4)
        assert not wall.concave

    @pytest.mark.parametrize("sides", [6, 8])
    def test_of_a_column_with_few_sides_are_those_sides(self, sides: int) -> None:
        assert kinds(regions(prism(sides))) == ["Flat"] * (sides + 2)

    def test_of_a_torus_are_one(self) -> None:
        (whole,) = regions(torus(30, 10, 60, 32)).surfaces

        assert isinstance(whole, Round)
        assert (whole.kind, whole.concave) == ("torus", False)
        assert whole.radius_mm == pytest.approx(30, abs=1e-3)
        assert whole.tube_mm == pytest.approx(10, abs=1e-3)

    def test_of_a_free_form_are_few_and_without_a_surface(self) -> None:
        bent = torus(30, 10, 90, 45) * np.array([1.0, 1.3, 0.7], dtype=np.float32)

        found = regions(bent)

        assert set(found.surfaces) == {None}
        assert len(found.surfaces) <= 4

    def test_do_not_depend_on_where_the_part_lies(self) -> None:
        here = surface(prism(40)).face_of

        there = surface(turned(prism(40), 33, (1, 2, 3)) + np.float32(20)).face_of

        assert there.tolist() == here.tolist()


class TestSurface:
    def test_runs_the_right_way_round_whatever_the_file_says(self) -> None:
        sound = box(20, 12, 8)

        repaired = surface(flipped(sound[:2]), sound[2:])

        corners = repaired.triangles.astype(np.float64)
        six_volumes = (corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])).sum()
        assert six_volumes / 6 == pytest.approx(1920)

    def test_closes_small_holes(self) -> None:
        assert len(surface(torus(30, 10)[1:]).triangles) == len(torus(30, 10))

    def test_knows_bodies_and_counts_a_cavity_with_the_body_around_it(self) -> None:
        hollow = (box(10, 10, 10), flipped(box(4, 4, 4, at=(3, 3, 3))))

        found = surface(*hollow, box(5, 5, 5, at=(20, 0, 0)))

        assert found.bodies == 2
        assert np.bincount(found.body_of).tolist() == [24, 12]

    def test_of_a_mesh_too_fine_is_one_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mesh_surface, "MOST_TRIANGLES", 10)

        found = surface(box(20, 12, 8))

        assert (found.face_of.max(), found.bodies, len(found.triangles)) == (0, 1, 12)
