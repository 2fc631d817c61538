import io
import struct
import zipfile

import pytest

from app.contract.formats import sniff_content, zip_directory

TRIANGLE = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
STEP = b"ISO-10303-21;\nHEADER;\n"
ASCII_STL = b"solid part\n  facet normal 0 0 1\n    outer loop\n"


def binary_stl(triangles: int, *, header: bytes = b"", announced: int | None = None) -> bytes:
    count = triangles if announced is None else announced
    return header.ljust(80, b" ") + struct.pack("<I", count) + TRIANGLE * triangles


def kind(content: bytes) -> str | None:
    return sniff_content(content)


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for name in names:
            written.writestr(name, "content")
    return file.getvalue()


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
            b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
            b"# a mesh\r\nmtllib a.mtl\r\n\r\no one\r\nvn 0 0 1\r\nv -1.5e0 +.5 0 1 1 1\r\n",
            b"\xef\xbb\xbf  v\t1 2 3",
            b"v 1 2 3\n" * 2_000 + b"anything behind the first lines",
        ],
    )
    def test_obj_by_its_statements(self, content: bytes) -> None:
        assert kind(content) == "obj"

    @pytest.mark.parametrize(
        "content",
        [
            b"0\nSECTION\n2\nHEADER\n",
            b"  0\r\nSECTION\r\n  2\r\nENTITIES\r\n",
            b"999\nmade by a program\n  0\nSECTION\n",
            b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(100),
        ],
    )
    def test_dxf_by_its_first_section(self, content: bytes) -> None:
        assert kind(content) == "dxf"

    def test_3mf_by_the_model_in_its_directory(self) -> None:
        assert kind(archive("[Content_Types].xml", "3D/3dmodel.model")) == "3mf"

    def test_3mf_cut_before_its_directory_is_for_the_reader_to_refuse(self) -> None:
        whole = archive("[Content_Types].xml", "3D/3dmodel.model")

        assert kind(whole[:60]) == "3mf"
        assert zip_directory(whole[:60]) is None
        assert zip_directory(whole) is not None

    @pytest.mark.parametrize("names", [("word/document.xml",), ("[Content_Types].xml", "word/document.xml")])
    def test_other_archives_are_nothing_of_ours(self, names: tuple[str, ...]) -> None:
        assert kind(archive(*names)) is None

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"hello",
            b"v is a letter\nand not a vertex",
            b"v 1 2 3\nimport os\n",
            b"# only\n# comments\n",
            b"f 1 2 3\n",
            b"0\nSECTOR\n",
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
