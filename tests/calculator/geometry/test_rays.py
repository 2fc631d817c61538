import os
import sys
from pathlib import Path

import numpy as np
import pytest

from app.calculator.geometry import rays as rays_module
from app.calculator.geometry.ray_tree import RayTree
from app.calculator.geometry.rays import BLOCK, NOTHING, Embree, Floats, Rays, best_engine
from tests.calculator.bodies import box, torus
from tests.calculator.surfaces import surface_of_mesh

needs_embree = pytest.mark.skipif(best_engine() is RayTree, reason="there is no Embree for this machine")
ENGINES = [pytest.param(Embree, id="embree", marks=needs_embree), pytest.param(RayTree, id="rtree")]
UP = np.array([[0.0, 0.0, 1.0]])


def scattered(count: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(7)
    directions = random.normal(size=(count, 3))
    return random.uniform(-45, 45, (count, 3)), directions / np.linalg.norm(directions, axis=1)[:, None]


@pytest.mark.parametrize("engine", ENGINES)
class TestBothEngines:
    def test_the_first_of_two_walls_is_hit(self, engine: type[RayTree]) -> None:
        block = surface_of_mesh(box(20, 12, 8))

        distance, triangle = Rays(block, engine).first_hits(np.array([[7.0, 5.0, -3.0]]), UP)

        assert distance.tolist() == pytest.approx([3])
        assert block.triangles[triangle[0], :, 2].tolist() == [0, 0, 0]

    def test_a_ray_does_not_hit_the_wall_it_starts_from(self, engine: type[RayTree]) -> None:
        rays = Rays(surface_of_mesh(box(20, 12, 8)), engine)

        inwards, _ = rays.first_hits(np.array([[7.0, 5.0, 0.0]]), UP)
        outwards, nothing = rays.first_hits(np.array([[7.0, 5.0, 8.0]]), UP)

        assert inwards.tolist() == pytest.approx([8])
        assert (outwards.tolist(), nothing.tolist()) == ([np.inf], [NOTHING])

    def test_a_ray_along_its_own_wall_leaves_it_by_the_normal(self, engine: type[RayTree]) -> None:
        on_a_wall = np.array([[20.0, 5.0, 2.0]])

        free = Rays(surface_of_mesh(box(20, 12, 8)), engine).occluded(
            on_a_wall, UP, np.array([[1.0, 0.0, 0.0]])
        )

        assert free.tolist() == [False]

    def test_what_is_on_the_way_occludes(self, engine: type[RayTree]) -> None:
        origins = np.array([[7.0, 5.0, -3.0], [25.0, 5.0, -3.0], [7.0, 5.0, 9.0]])

        occluded = Rays(surface_of_mesh(box(20, 12, 8)), engine).occluded(origins, np.repeat(UP, 3, axis=0))

        assert occluded.tolist() == [True, False, False]

    def test_no_ray_slips_through_an_edge(self, engine: type[RayTree]) -> None:
        """The diagonals of a box's faces are where its triangles meet."""
        along = np.linspace(0.01, 0.99, 500)
        origins = np.stack((20 * along, 12 * along, np.full(500, -1.0)), axis=1)

        hit = Rays(surface_of_mesh(box(20, 12, 8)), engine).occluded(origins, np.repeat(UP, 500, axis=0))

        assert hit.all()

    def test_no_rays_no_answers(self, engine: type[RayTree]) -> None:
        nothing = np.zeros((0, 3))

        distance, triangle = Rays(surface_of_mesh(box(1, 1, 1)), engine).first_hits(nothing, nothing)

        assert (len(distance), len(triangle)) == (0, 0)

    @pytest.mark.parametrize("size_mm", [1e-3, 1e6])
    def test_size_does_not_matter(self, engine: type[RayTree], size_mm: float) -> None:
        cube = surface_of_mesh(box(size_mm, size_mm, size_mm))
        origin = np.array([[0.3, 0.4, 0.0]]) * size_mm

        distance, _ = Rays(cube, engine).first_hits(origin, UP)

        assert distance.tolist() == pytest.approx([size_mm], rel=1e-5)

    def test_flat_triangles_are_no_obstacle(self, engine: type[RayTree]) -> None:
        needle = np.array([[[5, 5, 0], [5, 5, 8], [5, 5, 8]]], dtype=np.float32)
        mesh = np.concatenate((box(20, 12, 8), needle))

        distance, _ = Rays(surface_of_mesh(mesh), engine).first_hits(
            np.array([[0.0, 5.0, 4.0]]), np.eye(3)[:1]
        )

        assert distance.tolist() == pytest.approx([20])


@needs_embree
def test_both_engines_agree() -> None:
    ring = surface_of_mesh(torus(30, 10))
    origins, directions = scattered(4000)

    distance, triangle = Rays(ring, Embree).first_hits(origins, directions)
    other_distance, other_triangle = Rays(ring, RayTree).first_hits(origins, directions)

    assert np.isfinite(distance).sum() > 500
    assert (triangle == other_triangle).mean() > 0.999  # on an edge either side may answer
    np.testing.assert_allclose(distance, other_distance, atol=1e-3)


@needs_embree
def test_more_rays_than_a_block_are_answered_in_order() -> None:
    origins = np.stack((np.arange(BLOCK + 9) % 30 + 0.5, *np.full((2, BLOCK + 9), 4.0)), axis=1)

    occluded = Rays(surface_of_mesh(box(20, 12, 8))).occluded(origins, np.repeat(UP, len(origins), axis=0))

    assert occluded.tolist() == (origins[:, 0] < 20).tolist()


@needs_embree
@pytest.mark.skipif(sys.platform != "linux", reason="cores are chosen and threads counted on Linux only")
def test_embree_takes_one_core_and_leaves_the_others_as_they_were() -> None:
    before = os.sched_getaffinity(0), len(list(Path("/proc/self/task").iterdir()))

    Rays(surface_of_mesh(torus(30, 10)))

    assert (os.sched_getaffinity(0), len(list(Path("/proc/self/task").iterdir()))) == before


def test_embree_comes_first_and_the_tree_steps_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rays_module, "EmbreeScene", None)

    assert best_engine() is RayTree
