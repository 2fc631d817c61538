from pathlib import Path
from typing import Any

import pytest

from app.calculator.errors import UnsupportedFile
from app.calculator.pipeline.analyse import analyse
from app.calculator.pipeline.warm import warm_up
from app.contract.geometry import PartFacts
from tests.calculator.bodies import binary_stl, box
from tests.calculator.solids import block, write_step

pytestmark = pytest.mark.cad


def run(path: Path) -> tuple[list[PartFacts], PartFacts]:
    stages: list[dict[str, Any]] = []
    facts = analyse(stages.append, path, max_triangles=1000, max_entities=10_000)
    return [PartFacts.model_validate(stage) for stage in stages], PartFacts.model_validate(facts)


def test_a_mesh_reports_its_sums_before_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "no suffix"
    path.write_bytes(binary_stl(box(20, 12, 8)))

    stages, facts = run(path)

    assert [stage.complete for stage in stages] == [False]
    assert (facts.format, facts.complete) == ("stl", True)
    assert facts.volume_mm3 == pytest.approx(1920)


def test_a_solid_reports_box_and_volume_before_the_whole(tmp_path: Path) -> None:
    stages, facts = run(write_step(block(), tmp_path / "part.stl"))

    assert [stage.volume_mm3 for stage in stages] == [None, pytest.approx(24_000)]
    assert (facts.format, facts.complete) == ("step", True)
    assert facts.volume_mm3 == pytest.approx(24_000)
    assert facts.seconds >= stages[-1].seconds > 0


def test_content_without_a_reader_is_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "part.step"
    path.write_bytes(b"nothing of the kind")

    with pytest.raises(UnsupportedFile):
        run(path)


def test_warming_up_measures_both_kinds_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    warm_up()

    assert list(tmp_path.iterdir()) == []
