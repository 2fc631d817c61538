"""Meshes whose coordinates were written with three decimals: narrow walls take their shape from wide ones."""

from random import Random
from typing import Any

import numpy as np
import pytest

from app.calculator.features.mesh_features import recognise_mesh
from app.calculator.geometry.mesh_surface import divided
from app.calculator.geometry.part import MeshPart
from app.contract.geometry import Feature
from tests.calculator.features.benchmark import Recogniser, mesh_of
from tests.calculator.features.known import Drawn
from tests.calculator.features.pocket_parts import POCKET_PARTS
from tests.calculator.features.score import Score
from tests.calculator.features.sheet_parts import SHEET_PARTS

pytestmark = pytest.mark.cad

DECIMALS = 3
SEEDS = range(3)


def coarsely(shape: Any) -> Recogniser:
    """Recognition on triangles as a file with three decimals would hold them."""
    mesh = mesh_of(shape)
    written = np.round(mesh.triangles.astype(np.float64) + mesh.origin_mm, DECIMALS)
    origin = written.reshape(-1, 3).mean(axis=0).tolist()
    part = MeshPart("stl", (written - origin).astype(np.float32), (origin[0], origin[1], origin[2]))

    def recognised() -> tuple[Feature, ...]:
        regions = divided(part)
        assert regions is not None
        return recognise_mesh(regions, part.origin_mm)

    return recognised


def judged(drawn: Drawn) -> list[str]:
    found = Score()
    found.add(drawn, coarsely(drawn.shape)())
    return found.faults


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", [make for _, make in SHEET_PARTS], ids=lambda make: make.__name__)
def test_bends_keep_radius_angle_and_length(make: Any, seed: int) -> None:
    random = Random(seed)
    assert judged(make(random).placed(random)) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", [make for _, make in POCKET_PARTS], ids=lambda make: make.__name__)
def test_pockets_keep_their_ends_and_floor_fillets(make: Any, seed: int) -> None:
    random = Random(seed)
    assert judged(make(random).placed(random)) == []
