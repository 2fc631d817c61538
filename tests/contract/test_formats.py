import struct

import pytest

from app.contract.formats import sniff_content

TRIANGLE = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
STEP = b"ISO-10303-21;\nHEADER;\n"
ASCII_STL = b"solid part\n  facet normal 0 0 1\n    outer loop\n"


def binary_stl(triangles: int, *, header: bytes = b"", announced: int | None = None) -> bytes:
    count = triangles if announced is None else announced
    return header.ljust(80, b" ") + struct.pack("<I", count) + TRIANGLE * triangles


def kind(content: bytes) -> str | None:
    return sniff_content(content)


class TestSniff:
    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\r\n \t"])
    def test_step_by_its_first_word(self, start: bytes) -> None:
        assert kind(start + STEP) == "step"

    @pytest.mark.parametrize(
        "content", [ASCII_STL, ASCII_STL.upper(), b"\n" + ASCII_STL, b"solid x\nendsolid x\n"]
    )
    def test_ascii_stl_by_its_words(self, content: bytes) -> None:
        assert kind(content) == "stl"

    @pytest.mark.parametrize("header", [b"", b"solid from a CAD", b"COLOR=\xff\x00\x00"])
    def test_binary_stl_by_its_count(self, header: bytes) -> None:
        assert kind(binary_stl(20, header=header)) == "stl"

    def test_no_triangles_is_still_stl(self) -> None:
        assert kind(binary_stl(0)) == "stl"

    @pytest.mark.parametrize(
        "content", [binary_stl(20)[:-7], binary_stl(20) + bytes(512), binary_stl(4, announced=9)]
    )
    def test_cut_padded_and_miscounted_stl_is_for_the_analysis_to_judge(self, content: bytes) -> None:
        assert kind(content) == "stl"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"hello",
            b"solid advice for everybody, no triangles at all",
            b"\x89PNG\r\n\x1a\n" + bytes(400),
            b"PK\x03\x04" + bytes(400),
            b"%PDF-1.7\n" + bytes(400),
            b"glTF\x02\x00\x00\x00" + bytes(400),
            b"                                                                        S      1\nG",
            b"plain text, long enough to be a file of some kind. " * 20,
            "обычный текст, достаточно длинный, чтобы быть файлом. ".encode() * 20,
            bytes(range(256)) * 4,
        ],
    )
    def test_anything_else_is_nothing_of_ours(self, content: bytes) -> None:
        assert kind(content) is None
