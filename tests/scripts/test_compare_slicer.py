import stat
from pathlib import Path

import pytest

from scripts.slicer.command import Compared, NoSlicer, main, sliced_seconds, told


def program(folder: Path, says: str) -> str:
    """A slicer that writes one line."""
    path = folder / "slicer"
    path.write_text(f"#!/bin/sh\nfor last; do :; done\necho '{says}' > \"${{last%.stl}}.gcode\"\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_reads_the_time_out_of_the_sliced_program(tmp_path: Path) -> None:
    slicer = program(tmp_path, "; estimated printing time (normal mode) = 1d 2h 3m 4s")

    assert sliced_seconds(slicer, tmp_path / "shape.stl") == 86_400 + 2 * 3_600 + 3 * 60 + 4


def test_a_slicer_that_tells_no_time_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSlicer, match="does not tell"):
        sliced_seconds(program(tmp_path, "G28"), tmp_path / "shape.stl")


def test_a_slicer_that_makes_nothing_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSlicer, match="made nothing"):
        sliced_seconds("/bin/true", tmp_path / "shape.stl")


def test_the_page_tells_the_mean_and_the_worst() -> None:
    page = told([Compared("block", 100, 95), Compared("tube", 100, 130)])

    assert "2 shapes: mean error 17.5%" in page
    assert "NOT MET" in page
    assert "| tube | 100 | 130 | +30.0% |" in page


def test_says_where_to_get_a_slicer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--slicer", "no-such-program"]) == 1
    assert "apt install prusa-slicer" in capsys.readouterr().err
