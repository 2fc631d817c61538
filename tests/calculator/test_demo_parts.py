from pathlib import Path

import pytest

from app.calculator.pipeline.analyse import measure
from app.calculator.readers.base import ReadLimits
from app.contract.geometry import PartFacts

pytestmark = pytest.mark.cad

DEMO = Path(__file__).parents[2] / "app" / "files" / "demo"
PARTS = sorted(path.name for path in DEMO.iterdir())


def facts_of(name: str) -> PartFacts:
    return list(measure(DEMO / name, ReadLimits()))[-1]


def test_there_are_five_of_both_formats() -> None:
    assert [Path(name).suffix for name in PARTS].count(".step") == 4
    assert [Path(name).suffix for name in PARTS].count(".stl") == 1


@pytest.mark.parametrize("name", PARTS)
def test_every_demo_part_can_be_priced_without_a_remark(name: str) -> None:
    facts = facts_of(name)

    assert (facts.complete, facts.watertight, facts.bodies, facts.findings) == (True, True, 1, ())
    assert facts.volume_mm3 is not None
    assert 20 <= facts.oriented_box_mm.x <= 200


@pytest.mark.parametrize("name", PARTS)
def test_demo_files_are_small_and_tell_nothing_about_their_maker(name: str) -> None:
    content = (DEMO / name).read_bytes()

    assert len(content) < 400_000
    assert not any(folder in content for folder in (b"/home", b"/root", b"/tmp"))


def test_the_turned_part_is_round() -> None:
    faces = facts_of("stepped-shaft.step").faces

    assert faces is not None
    assert faces.cylinder > faces.torus + faces.other


def test_the_sheet_part_is_thin() -> None:
    assert facts_of("front-panel.step").oriented_box_mm.z == pytest.approx(2, abs=1e-6)
