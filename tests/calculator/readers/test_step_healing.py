import re
from pathlib import Path
from typing import Any

import pytest
from OCP.STEPControl import STEPControl_Reader

from app.calculator.analysis.solid import measure_solid
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import read_step
from app.calculator.readers.step_healing import is_sound, trim_healing
from tests.calculator.solids import block, block_with_hole, compound, write_step

pytestmark = pytest.mark.cad


def trimmed(path: Path) -> tuple[Any, Any]:
    reader = STEPControl_Reader()
    reader.ReadFile(str(path))
    trim_healing(reader)
    reader.TransferRoots()
    return reader, reader.OneShape()


def damaged(path: Path, pattern: str, replacement: str) -> Path:
    text, count = re.subn(pattern, replacement, path.read_text(), count=1)
    assert count == 1
    path.write_text(text)
    return path


@pytest.mark.parametrize("shape", [block(), block_with_hole(), compound(block(), block_with_hole())])
def test_what_a_cad_program_wrote_is_sound(shape: Any, tmp_path: Path) -> None:
    path = write_step(shape, tmp_path / "part.step")

    assert is_sound(*trimmed(path))


def test_a_face_that_is_missing_needs_healing(tmp_path: Path) -> None:
    path = damaged(
        write_step(block(), tmp_path / "part.step"), r"CLOSED_SHELL\('',\(#\d+,", "CLOSED_SHELL('',("
    )

    assert not is_sound(*trimmed(path))


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"(ADVANCED_FACE\('',\(#\d+\),#\d+,)\.F\.", r"\1.T."),
        (r"(ORIENTED_EDGE\('',\*,\*,#\d+,)\.T\.", r"\1.F."),
        (r"(FACE_BOUND\('',#\d+,)\.T\.", r"\1.F."),
        (r"(EDGE_CURVE\('',#\d+,#\d+,#\d+,)\.T\.", r"\1.F."),
    ],
    ids=["face", "oriented edge", "border", "edge"],
)
def test_what_is_turned_the_wrong_way_costs_no_volume(pattern: str, replacement: str, tmp_path: Path) -> None:
    path = damaged(write_step(block(), tmp_path / "part.step"), pattern, replacement)

    facts = list(measure_solid(read_step(path, ReadLimits())))[-1]

    assert facts.volume_mm3 == pytest.approx(24_000)


def test_a_statement_that_breaks_the_rules_needs_healing(tmp_path: Path) -> None:
    path = damaged(
        write_step(block(), tmp_path / "part.step"), r"VERTEX_POINT\('',#\d+\)", "VERTEX_POINT('',$)"
    )

    assert not is_sound(*trimmed(path))


def test_curves_alone_are_not_sound(tmp_path: Path) -> None:
    path = write_step(block().Edges()[0], tmp_path / "part.step")

    assert not is_sound(*trimmed(path))
