"""Balls and rings as a whole, wherever they stand and however they are turned."""

import numpy as np
import pytest

from app.calculator.geometry.mesh_clean import clean
from app.calculator.geometry.mesh_facets import facets_of
from app.calculator.geometry.mesh_fit import Round
from app.calculator.geometry.mesh_hash import Floats
from app.calculator.geometry.mesh_regions import regions_of
from app.calculator.geometry.mesh_repair import repair
from app.calculator.geometry.mesh_revolved import fitted_revolved
from tests.calculator.bodies import Mesh, flipped, torus

NOISE_MM = 1e-4
TURN = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]


def fitted(mesh: Mesh, step: float = 0.1) -> Round | None:
    facets = facets_of(repair(clean(mesh, 100.0)), NOISE_MM)
    return fitted_revolved(facets.mesh.vertices, facets.centres, facets.normals, step=step, noise_mm=NOISE_MM)


def moved(mesh: Mesh) -> Mesh:
    turned: Floats = mesh.astype(np.float64) @ TURN.T + (40.0, -30.0, 20.0)
    return turned.astype(np.float32)


def test_a_ring_tells_its_axis_and_both_radii() -> None:
    found = fitted(moved(torus(30, 10, 96, 48)))

    assert found is not None
    assert found.kind == "torus"
    assert (found.radius_mm, found.tube_mm) == pytest.approx((30, 10), abs=1e-3)
    assert found.origin == pytest.approx([40, -30, 20], abs=1e-3)
    assert abs(float(found.axis @ TURN[:, 2])) == pytest.approx(1, abs=1e-9)


def test_a_ring_squeezed_in_one_direction_is_none() -> None:
    squeezed = torus(30, 10, 96, 48)
    squeezed[..., 2] *= 0.9

    assert fitted(squeezed) is None


def test_a_finely_divided_hollow_ring_is_two_regions() -> None:
    hollow = np.concatenate((torus(30, 10, 120, 60), flipped(torus(30, 6, 120, 60))))

    regions = regions_of(repair(clean(moved(hollow), 100.0)), NOISE_MM)

    rings = [surface for surface in regions.surfaces if isinstance(surface, Round)]
    assert len(rings) == len(regions.surfaces)
    assert [(ring.kind, ring.concave) for ring in rings] == [("torus", False), ("torus", True)]
    assert [ring.tube_mm for ring in rings] == pytest.approx([10, 6], abs=1e-3)
