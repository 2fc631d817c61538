from pathlib import Path
from typing import Any

import pytest

from app.calculator import features
from app.calculator.errors import UnsupportedFile
from app.calculator.features.found import Found
from app.calculator.pipeline import feature_stage
from app.calculator.pipeline import stages as stages_module
from app.calculator.pipeline.analyse import analyse
from app.calculator.pipeline.warm import warm_up
from app.contract.geometry import Feature, PartFacts
from tests.calculator.bodies import binary_stl, box
from tests.calculator.solids import block, block_with_hole, write_step

pytestmark = pytest.mark.cad


def run(path: Path) -> tuple[list[PartFacts], PartFacts]:
    stages: list[dict[str, Any]] = [{}]
    facts = analyse(
        lambda told: stages.append({**stages[-1], **told}), path, max_triangles=1000, max_entities=10_000
    )
    return [PartFacts.model_validate(stage) for stage in stages[1:]], PartFacts.model_validate(facts)


def test_a_mesh_reports_its_sums_before_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "no suffix"
    path.write_bytes(binary_stl(box(20, 12, 8)))

    stages, facts = run(path)

    assert [stage.complete for stage in stages] == [False] * (1 + len(stages_module.STAGES))
    assert (facts.format, facts.complete) == ("stl", True)
    assert facts.volume_mm3 == pytest.approx(1920)


def test_a_solid_reports_its_figures_before_its_features(tmp_path: Path) -> None:
    stages, facts = run(write_step(block(), tmp_path / "part.stl"))

    assert [stage.volume_mm3 for stage in stages] == [
        None,
        *(1 + len(stages_module.STAGES)) * [pytest.approx(24_000)],
    ]
    assert [finding.code for finding in stages[-1].findings] == ["analysis-incomplete"]
    assert (facts.format, facts.complete) == ("step", True)
    assert facts.volume_mm3 == pytest.approx(24_000)
    assert facts.seconds >= stages[-1].seconds > 0


def test_a_solid_has_its_features(tmp_path: Path) -> None:
    _, facts = run(write_step(block_with_hole(), tmp_path / "part.step"))

    assert [feature.kind for feature in facts.features] == ["hole"]
    assert facts.findings == ()


def test_features_that_fail_leave_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(shape: object, failed: object) -> tuple[Feature, ...]:
        raise ZeroDivisionError

    monkeypatch.setattr(feature_stage, "recognise", fail)

    _, facts = run(write_step(block(), tmp_path / "part.step"))

    assert facts.complete
    assert facts.volume_mm3 == pytest.approx(24_000)
    assert [finding.code for finding in facts.findings] == ["features-failed"]


def test_a_recogniser_that_fails_leaves_the_features_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_nothing(graph: object, known: object) -> list[Found]:
        raise ZeroDivisionError

    monkeypatch.setattr(features, "RECOGNISERS", (*features.RECOGNISERS, find_nothing))

    _, facts = run(write_step(block_with_hole(), tmp_path / "part.step"))

    assert [feature.kind for feature in facts.features] == ["hole"]
    assert [finding.code for finding in facts.findings] == ["features-failed"]


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
