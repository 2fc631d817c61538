import pytest

from app.contract.formats import HEAD_BYTES, TAIL_BYTES
from app.documents.formats import FORMATS, GROUPS, Ends, format_of
from tests.documents.samples import OLE, PDF, SAMPLES, package

PROGRAM = b"MZ\x90\x00" + bytes(200)


def ends_of(content: bytes) -> Ends:
    return Ends(content[:HEAD_BYTES], content[-TAIL_BYTES:], len(content))


class TestFormats:
    def test_are_those_the_original_took(self) -> None:
        taken = (
            "dwg dxf pdf svg ai eps doc docx xls xlsx ppt pptx txt rtf md html xml "
            "jpg jpeg png gif bmp tiff tif "
            "step stp iges igs sat sldprt sldasm stl obj ply 3ds dae fbx blend zip rar 7z tar gz"
        )

        assert sorted(FORMATS) == sorted(taken.split())
        assert set(SAMPLES) == set(FORMATS)
        assert {row.group for row in FORMATS.values()} == set(GROUPS)

    @pytest.mark.parametrize("extension", sorted(FORMATS))
    def test_take_what_they_name(self, extension: str) -> None:
        assert FORMATS[extension].fits(ends_of(SAMPLES[extension]))

    @pytest.mark.parametrize("extension", sorted(FORMATS))
    def test_take_no_program_and_nothing_of_a_well_known_other_kind(self, extension: str) -> None:
        others = {name: SAMPLES[name] for name in ("png", "gif", "rar", "7z", "step")} | {"exe": PROGRAM}
        same = {"step": {"stp", "txt", "md"}, "stp": {"step"}}
        mistaken = {
            name
            for name, content in others.items()
            if name != extension
            and extension not in same.get(name, set())
            and FORMATS[extension].fits(ends_of(content))
        }

        assert mistaken - ({"7z"} if extension in {"sldprt", "sldasm"} else set()) == set()

    @pytest.mark.parametrize(
        ("extension", "content"),
        [
            ("docx", package("xl/workbook.xml")),
            ("docx", b"PK\x03\x04 cut off"),
            ("pdf", b"x" * 2000 + PDF),
            ("svg", b"<html></html>"),
            ("txt", b"text\x00binary"),
            ("html", b"no tags"),
            ("3ds", b"MM" + bytes(40)),
            ("doc", package("word/document.xml")),
            ("sldprt", b"just text"),
            ("xls", b"\xd0\xcf\x11"),
        ],
    )
    def test_refuse_what_only_looks_alike(self, extension: str, content: bytes) -> None:
        assert not FORMATS[extension].fits(ends_of(content))

    @pytest.mark.parametrize("encoding", ["utf-16", "cp1251", "koi8-r", "utf-8-sig"])
    def test_take_texts_in_any_encoding(self, encoding: str) -> None:
        assert FORMATS["txt"].fits(ends_of("Допуск".encode(encoding)))
        assert FORMATS["xml"].fits(ends_of("<деталь/>".encode(encoding)))

    @pytest.mark.parametrize(
        ("name", "extension"),
        [
            ("a.PDF", "pdf"),
            ("a.tar.gz", "gz"),
            ("a.pdf.exe", None),
            ("pdf", None),
            ("a.", None),
            (".pdf", "pdf"),
        ],
    )
    def test_are_told_by_the_last_end_of_the_name(self, name: str, extension: str | None) -> None:
        found = format_of(name)

        assert (found.extension if found else None) == extension


def test_old_office_files_are_not_told_apart() -> None:
    assert all(FORMATS[extension].fits(ends_of(OLE)) for extension in ("doc", "xls", "ppt"))
