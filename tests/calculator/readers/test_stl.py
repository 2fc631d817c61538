from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable
from app.calculator.geometry.part import MeshPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.stl import read_stl
from tests.calculator.bodies import ascii_stl, binary_stl, box

CUBE = box(20, 12, 8)
TEXT = ascii_stl([CUBE])


def read(folder: Path, content: bytes, limits: ReadLimits | None = None) -> MeshPart:
    path = folder / "part"
    path.write_bytes(content)
    return read_stl(path, limits or ReadLimits())


def placed(part: MeshPart) -> npt.NDArray[np.float64]:
    corners: npt.NDArray[np.float64] = part.triangles.astype(np.float64) + np.array(part.origin_mm)
    return corners


class TestBinary:
    def test_gives_the_triangles_as_they_stand(self, tmp_path: Path) -> None:
        assert np.array_equal(read(tmp_path, binary_stl(CUBE)).triangles, CUBE)

    @pytest.mark.parametrize("count", [13, 2**31, 2**32 - 1])
    def test_refuses_a_file_shorter_than_it_promises(self, tmp_path: Path, count: int) -> None:
        with pytest.raises(CadUnreadable, match="ends before"):
            read(tmp_path, binary_stl(CUBE, count=count))

    def test_refuses_whole_triangles_beyond_the_promised_ones(self, tmp_path: Path) -> None:
        with pytest.raises(CadUnreadable, match="6 more triangles"):
            read(tmp_path, binary_stl(CUBE, count=6))

    @pytest.mark.parametrize("tail", [bytes(512), bytes(50), b"PK\x03\x04 hidden"])
    def test_ignores_other_bytes_at_the_end_aloud(self, tmp_path: Path, tail: bytes) -> None:
        part = read(tmp_path, binary_stl(CUBE, tail=tail))

        assert len(part.triangles) == 12
        assert [finding.code for finding in part.findings] == ["trailing-bytes"]

    def test_refuses_a_file_without_triangles(self, tmp_path: Path) -> None:
        with pytest.raises(CadInvalid):
            read(tmp_path, binary_stl(CUBE[:0]))

    def test_refuses_more_triangles_than_allowed(self, tmp_path: Path) -> None:
        with pytest.raises(CadTooComplex):
            read(tmp_path, binary_stl(CUBE), ReadLimits(max_triangles=11))

    def test_refuses_a_few_bytes(self, tmp_path: Path) -> None:
        with pytest.raises(CadUnreadable):
            read(tmp_path, b"abc")


class TestAscii:
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_reads_every_kind_of_line_end(self, tmp_path: Path, newline: str) -> None:
        part = read(tmp_path, ascii_stl([CUBE], newline=newline))

        assert placed(part) == pytest.approx(CUBE)

    def test_reads_past_a_byte_order_mark(self, tmp_path: Path) -> None:
        assert len(read(tmp_path, b"\xef\xbb\xbf\r\n" + TEXT).triangles) == 12

    def test_joins_several_solids(self, tmp_path: Path) -> None:
        part = read(tmp_path, ascii_stl([CUBE, box(1, 1, 1, at=(50, 0, 0))]))

        assert len(part.triangles) == 24

    def test_reads_capital_letters_tabs_and_odd_names(self, tmp_path: Path) -> None:
        text = ascii_stl([CUBE], name="vertex facet'); DROP TABLE parts;--").upper().replace(b" ", b"\t")

        assert len(read(tmp_path, text).triangles) == 12

    def test_keeps_the_digits_of_a_part_far_from_the_origin(self, tmp_path: Path) -> None:
        text = TEXT.replace(b"vertex 20.0", b"vertex 1000020.125").replace(b"vertex 0.0", b"vertex 1000000.0")

        part = read(tmp_path, text)

        assert np.ptp(placed(part)[..., 0]) == 20.125

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(TEXT[: len(TEXT) // 2], id="cut in half"),
            pytest.param(TEXT.replace(b"endsolid part", b""), id="no end"),
            pytest.param(TEXT.replace(b"20.0", b"20,0"), id="decimal commas"),
            pytest.param(TEXT.replace(b"20.0", b"20.0abc", 1), id="letters in a number"),
            pytest.param(TEXT.replace(b"20.0", b"1_0", 1), id="underscore in a number"),
            pytest.param(TEXT.replace(b"20.0", b"nan", 1), id="not a number"),
            pytest.param(TEXT.replace(b"20.0", b"1e999", 1), id="infinite"),
            pytest.param(TEXT.replace(b"vertex", b"vertx", 1), id="misspelt keyword"),
            pytest.param(TEXT.replace(b"endloop", b"", 1), id="missing keyword"),
            pytest.param(TEXT.replace(b"20.0", b"", 1), id="missing number"),
            pytest.param(TEXT + b"facet", id="something after the end"),
        ],
    )
    def test_refuses_damaged_text(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(CadUnreadable):
            read(tmp_path, content)

    def test_refuses_numbers_beyond_single_precision(self, tmp_path: Path) -> None:
        with pytest.raises(CadInvalid):
            read(tmp_path, TEXT.replace(b"20.0", b"1e300"))

    def test_refuses_a_solid_without_facets(self, tmp_path: Path) -> None:
        with pytest.raises(CadInvalid):
            read(tmp_path, b"solid nothing\nendsolid nothing\n")
