"""Parts drawn by us: what was drawn must be found, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.calculator.features import recognise
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.contract.geometry import Feature
from tests.calculator.features.benchmark import WHOLE, Recogniser, of_mesh, of_solid, score
from tests.calculator.features.generator import PARTS, ROUND
from tests.calculator.features.known import Drawn, Known
from tests.calculator.solids import write_step

pytestmark = pytest.mark.cad

BARS = {
    "hole": 0.98,
    "pocket": 0.95,
    "bend": 0.95,
    "sheet": 0.95,
    "turned": 0.95,
    "groove": 0.95,
    "boss": 0.95,
}


def check(count: int, prepare: Callable[[Any], Recogniser] = of_solid) -> None:
    found, _ = score(count, prepare)

    told = f"{found.summary()}\n" + "\n".join(found.faults)
    for kind, bar in BARS.items():
        assert found.precision(kind) >= bar, told
        assert found.recall(kind) >= bar, told


def test_a_sample_of_every_kind_of_part_is_recognised() -> None:
    check(ROUND)


def test_a_sample_of_every_kind_of_part_is_recognised_in_its_triangles() -> None:
    check(ROUND, of_mesh)


@pytest.mark.corpus
@pytest.mark.timeout(900)
@pytest.mark.parametrize("prepare", [of_solid, of_mesh])
def test_several_hundred_parts_are_recognised(prepare: Callable[[Any], Recogniser]) -> None:
    check(WHOLE, prepare)


MAKERS = [make for _, make in PARTS]
DIRECTED = {"axis", "bridge_place", "steps"}


def check_same(here: tuple[Feature, ...], there: tuple[Feature, ...], features: tuple[Known, ...]) -> None:
    """Equal in everything but direction, at the places of ``features``."""
    assert [(one.id, one.face_ids) for one in there] == [(one.id, one.face_ids) for one in here]
    for one, two, known in zip(here, there, features, strict=True):
        before, after = _figures(one), _figures(two)
        for name in before.keys() - DIRECTED:
            value = before[name]
            wanted = pytest.approx(value, rel=1e-6, abs=1e-5) if isinstance(value, float | list) else value
            assert after[name] == wanted, (one.id, name)
        assert (two.place.x, two.place.y, two.place.z) == pytest.approx(known.place, abs=1e-4), one.id


def _figures(feature: Feature) -> dict[str, Any]:
    return feature.__pydantic_extra__ or {}


def _as_known(features: tuple[Feature, ...]) -> tuple[Known, ...]:
    return tuple(Known(one.kind, (one.place.x, one.place.y, one.place.z)) for one in features)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_turning_and_moving_a_part_keeps_figures_and_moves_places(make: Callable[[Random], Drawn]) -> None:
    drawn = make(Random(5))
    here = recognise(drawn.shape.wrapped)
    moved = replace(drawn, features=_as_known(here)).placed(Random(6))

    check_same(here, recognise(moved.shape.wrapped), moved.features)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_part_written_and_read_again_has_the_same_features(
    make: Callable[[Random], Drawn], tmp_path: Path
) -> None:
    drawn = make(Random(9))
    here = recognise(drawn.shape.wrapped)

    again = recognise(read_step(write_step(drawn.shape, tmp_path / "part.step"), ReadLimits()).shape)

    assert sorted(one.kind for one in again) == sorted(one.kind for one in here)
    holes = [
        sorted(_figures(one)["diameter_mm"] for one in found if one.kind == "hole") for found in (here, again)
    ]
    assert holes[0] == pytest.approx(holes[1])
