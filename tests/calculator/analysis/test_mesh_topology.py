import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calculator.analysis import mesh_topology
from app.calculator.analysis.mesh_sums import sum_mesh
from app.calculator.analysis.mesh_topology import Topology, inspect
from app.calculator.geometry.mesh_identity import all_distinct, number, shells, vertex_hashes
from tests.calculator.bodies import Mesh, box, flipped, torus

SHELL = torus(30, 10)


def topology(mesh: Mesh) -> Topology:
    return inspect(mesh, sum_mesh(mesh))


def faults(found: Topology) -> tuple[int, int, int]:
    return found.open_edges, found.crowded_edges, found.clashing_edges


def test_a_sound_mesh_has_no_faults_and_three_edges_for_two_triangles() -> None:
    found = topology(SHELL)

    assert faults(found) == (0, 0, 0)
    assert found.edges == len(SHELL) * 3 // 2


def test_every_missing_triangle_opens_three_edges() -> None:
    assert faults(topology(np.delete(SHELL, [5, 500, 1500], axis=0))) == (9, 0, 0)


def test_a_flipped_triangle_clashes_with_its_neighbours() -> None:
    assert faults(topology(np.concatenate([flipped(SHELL[:1]), SHELL[1:]]))) == (0, 0, 3)


def test_a_fin_crowds_an_edge_and_is_open_elsewhere() -> None:
    cube = box(10, 10, 10)
    fin = np.array([[[0, 0, 0], [0, 0, 10], [-5, -5, 5]]], dtype=np.float32)

    assert faults(topology(np.concatenate([cube, fin]))) == (2, 1, 0)


def test_large_sound_meshes_are_not_searched_for_shells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh_topology, "COUNTED_TRIANGLES", 100)

    found = topology(SHELL)

    assert (found.closed, found.shells, found.shell_of) == (True, 1, None)


@given(st.lists(st.integers(0, 50), max_size=200))
@settings(max_examples=200)
def test_numbers_tell_keys_apart_exactly(values: list[int]) -> None:
    keys = np.array(values, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)

    assert all_distinct(keys) == (len(set(values)) == len(values))
    if values:
        ids, count = number(keys)
        assert count == len(set(values))
        assert len({(value, int(index)) for value, index in zip(values, ids, strict=True)}) == count


@given(st.integers(1, 6), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_shells_are_found_in_any_order_of_triangles(count: int, random: object) -> None:
    mesh = np.concatenate([box(1, 1, 1, at=(3.0 * index, 0, 0)) for index in range(count)])
    order = list(range(len(mesh)))
    random.shuffle(order)  # type: ignore[attr-defined]

    assert len(set(shells(vertex_hashes(mesh[order])).tolist())) == count
