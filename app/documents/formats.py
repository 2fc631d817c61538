"""Which documents are taken, and whether the content is what the name says, where that can be told."""

import re
from collections.abc import Callable
from typing import NamedTuple

from app.contract.formats import BOM, KNOWN_OTHERS, sniff, zip_directory


class Ends(NamedTuple):
    """What is looked at: the first bytes, the last ones, and how many there are."""

    head: bytes
    tail: bytes
    size_bytes: int

    @property
    def start(self) -> bytes:
        """The beginning without byte order mark and blanks."""
        return self.head.removeprefix(BOM).lstrip()


Check = Callable[[Ends], bool]


class Format(NamedTuple):
    """A kind of document by the end of its name."""

    extension: str
    media_type: str
    group: str
    fits: Check


GROUPS: dict[str, dict[str, str]] = {
    "drawings": {"en": "Drawings and vector graphics", "ru": "Чертежи и векторная графика"},
    "texts": {"en": "Texts, tables and presentations", "ru": "Тексты, таблицы и презентации"},
    "images": {"en": "Images", "ru": "Изображения"},
    "models": {"en": "3D models", "ru": "3D-модели"},
    "archives": {"en": "Archives", "ru": "Архивы"},
}

GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}
PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
IGES_START = re.compile(rb"[^\r\n]{72}S[ 0-9]{6}1")
ACIS_START = re.compile(rb"\d{3,5} +\d+ +\d+ +\d+|(ACIS|ASM) BinaryFile")
TAR_MAGIC_AT = 257
PDF_WITHIN = 1024
"""Readers look for the beginning of a PDF so far (ISO 32000-1, annex H)."""


def begins(*magic: bytes) -> Check:
    """Contents that begin with one of these."""
    return lambda ends: ends.head.startswith(magic)


def says(*words: bytes) -> Check:
    """Texts that hold one of these words soon, whatever the case."""
    return lambda ends: is_text(ends) and any(word in _ascii(ends.head).lower() for word in words)


def cad(part_format: str) -> Check:
    """Contents the calculator would take for this format."""
    return lambda ends: sniff(*ends) == part_format


def package(folder: bytes) -> Check:
    """Office documents: ZIP archives with this folder."""

    def fits(ends: Ends) -> bool:
        directory = zip_directory(ends.tail)
        return ends.head.startswith(b"PK\x03\x04") and directory is not None and folder in directory

    return fits


def is_text(ends: Ends) -> bool:
    """Text in any encoding that keeps control characters apart."""
    return ends.head.startswith(UTF_16) or not CONTROLS & set(ends.head)


def is_pdf(ends: Ends) -> bool:
    """A PDF, also behind some rubbish."""
    return b"%PDF-" in ends.head[:PDF_WITHIN]


def is_markup(ends: Ends) -> bool:
    """A text that begins with a tag or a declaration."""
    return is_text(ends) and _ascii(ends.head).lstrip().startswith(b"<")


def is_3ds(ends: Ends) -> bool:
    """The main chunk of 3D Studio, as long as the file."""
    return ends.head.startswith(b"MM") and int.from_bytes(ends.head[2:6], "little") == ends.size_bytes


def is_opaque(ends: Ends) -> bool:
    """Formats without a known beginning: at least none of the well-known others, and no program."""
    return not is_text(ends) and not ends.head.startswith((*PROGRAMS, *KNOWN_OTHERS))


def either(*checks: Check) -> Check:
    """Contents that fit one of these."""
    return lambda ends: any(check(ends) for check in checks)


def _ascii(data: bytes) -> bytes:
    """The letters of a text in ASCII, also of one in UTF-16."""
    return data.removeprefix(BOM).replace(b"\x00", b"").lstrip(b"\xff\xfe")


_PS = begins(b"%!PS", b"\xc5\xd0\xd3\xc6")
_TIFF = begins(b"II*\x00", b"MM\x00*")
_JPEG = begins(b"\xff\xd8\xff")
_STEP = cad("step")
_IGES: Check = lambda ends: bool(IGES_START.match(ends.head))  # noqa: E731 - a row of the table below
_TAR: Check = lambda ends: ends.head[TAR_MAGIC_AT:].startswith(b"ustar")  # noqa: E731 - the same
_ACIS: Check = lambda ends: bool(ACIS_START.match(ends.start))  # noqa: E731 - the same
_SOLIDWORKS = either(begins(OLE), is_opaque)
_OFFICE = "application/vnd.openxmlformats-officedocument"

FORMATS: dict[str, Format] = {
    row.extension: row
    for row in (
        Format("dwg", "image/vnd.dwg", "drawings", begins(b"AC10", b"AC1.", b"AC2.")),
        Format("dxf", "image/vnd.dxf", "drawings", cad("dxf")),
        Format("pdf", "application/pdf", "drawings", is_pdf),
        Format("svg", "image/svg+xml", "drawings", says(b"<svg")),
        Format("ai", "application/postscript", "drawings", either(is_pdf, _PS)),
        Format("eps", "application/postscript", "drawings", _PS),
        Format("doc", "application/msword", "texts", begins(OLE)),
        Format("docx", f"{_OFFICE}.wordprocessingml.document", "texts", package(b"word/")),
        Format("xls", "application/vnd.ms-excel", "texts", begins(OLE)),
        Format("xlsx", f"{_OFFICE}.spreadsheetml.sheet", "texts", package(b"xl/")),
        Format("ppt", "application/vnd.ms-powerpoint", "texts", begins(OLE)),
        Format("pptx", f"{_OFFICE}.presentationml.presentation", "texts", package(b"ppt/")),
        Format("txt", "text/plain", "texts", is_text),
        Format("rtf", "application/rtf", "texts", begins(b"{\\rtf")),
        Format("md", "text/markdown", "texts", is_text),
        Format("html", "text/html", "texts", is_markup),
        Format("xml", "application/xml", "texts", is_markup),
        Format("jpg", "image/jpeg", "images", _JPEG),
        Format("jpeg", "image/jpeg", "images", _JPEG),
        Format("png", "image/png", "images", begins(b"\x89PNG\r\n\x1a\n")),
        Format("gif", "image/gif", "images", begins(b"GIF87a", b"GIF89a")),
        Format("bmp", "image/bmp", "images", begins(b"BM")),
        Format("tiff", "image/tiff", "images", _TIFF),
        Format("tif", "image/tiff", "images", _TIFF),
        Format("step", "model/step", "models", _STEP),
        Format("stp", "model/step", "models", _STEP),
        Format("iges", "model/iges", "models", _IGES),
        Format("igs", "model/iges", "models", _IGES),
        Format("sat", "application/x-acis", "models", _ACIS),
        Format("sldprt", "application/x-sldprt", "models", _SOLIDWORKS),
        Format("sldasm", "application/x-sldasm", "models", _SOLIDWORKS),
        Format("stl", "model/stl", "models", cad("stl")),
        Format("obj", "model/obj", "models", cad("obj")),
        Format("ply", "application/x-ply", "models", begins(b"ply\n", b"ply\r")),
        Format("3ds", "application/x-3ds", "models", is_3ds),
        Format("dae", "model/vnd.collada+xml", "models", says(b"<collada")),
        Format("fbx", "application/x-fbx", "models", begins(b"Kaydara FBX Binary", b"; FBX")),
        Format("blend", "application/x-blender", "models", begins(b"BLENDER", GZIP, ZSTANDARD)),
        Format("zip", "application/zip", "archives", begins(b"PK\x03\x04", b"PK\x05\x06")),
        Format("rar", "application/vnd.rar", "archives", begins(b"Rar!\x1a\x07")),
        Format("7z", "application/x-7z-compressed", "archives", begins(b"7z\xbc\xaf\x27\x1c")),
        Format("tar", "application/x-tar", "archives", _TAR),
        Format("gz", "application/gzip", "archives", begins(GZIP)),
    )
}


def format_of(name: str) -> Format | None:
    """The format a name claims; ``None`` for one that is not taken."""
    return FORMATS.get(name.rpartition(".")[2].lower()) if "." in name else None
