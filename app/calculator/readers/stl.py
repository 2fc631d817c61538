"""STL: binary by record, ASCII by words; neither trusts a count it did not check."""

import re
from pathlib import Path

import numpy as np

from app.calculator.errors import CadUnreadable
from app.calculator.geometry.part import MeshPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.digits import Corners, floats
from app.calculator.readers.triangles import check_count, from_corners
from app.contract.formats import ASCII_STL, BOM, HEAD_BYTES, STL_HEADER_BYTES, STL_TRIANGLE_BYTES
from app.contract.geometry import Finding

RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])

_BLOCK_LINES = re.compile(rb"^[ \t]*(end)?solid\b[^\n]*", re.IGNORECASE | re.MULTILINE)
_WORDS = (b"endfacet", b"facet", b"normal", b"outer", b"endloop", b"loop", b"vertex")
_PER_FACET = {b"facet": 1, b"endfacet": 1, b"normal": 1, b"outer": 1, b"loop": 1, b"endloop": 1, b"vertex": 3}
_NUMBERS_PER_FACET = 12


def read_stl(path: Path, limits: ReadLimits) -> MeshPart:
    """The triangles of a binary or ASCII STL file; the format has no unit, millimetres are assumed."""
    with path.open("rb") as file:
        size_bytes = file.seek(0, 2)
        file.seek(0)
        head = file.read(HEAD_BYTES)
    if not ASCII_STL.match(head.removeprefix(BOM).lstrip()) or _is_framed(head, size_bytes):
        return _read_binary(path, head, size_bytes, limits)
    return _read_ascii(path.read_bytes(), limits)


def _promised(head: bytes) -> int:
    """How many triangles the header of a binary file promises."""
    return int.from_bytes(head[STL_HEADER_BYTES - 4 : STL_HEADER_BYTES], "little")


def _is_framed(head: bytes, size_bytes: int) -> bool:
    """The promised triangles fill the file exactly: binary, though the header may say "solid"."""
    return size_bytes >= STL_HEADER_BYTES and size_bytes == (
        STL_HEADER_BYTES + STL_TRIANGLE_BYTES * _promised(head)
    )


def _read_binary(path: Path, head: bytes, size_bytes: int, limits: ReadLimits) -> MeshPart:
    if size_bytes < STL_HEADER_BYTES:
        raise CadUnreadable("the file ends before its first triangle")
    count = _promised(head)
    trailing_bytes = size_bytes - STL_HEADER_BYTES - STL_TRIANGLE_BYTES * count
    if trailing_bytes < 0:
        message = f"the file ends before the last of its {count} triangles"
        raise CadUnreadable(message)
    check_count(count, limits)
    records = np.memmap(path, dtype=RECORD, mode="r", shape=(count,), offset=STL_HEADER_BYTES)
    findings = _judge_trailing(path, trailing_bytes) if trailing_bytes else ()
    return MeshPart(format="stl", triangles=records["corners"], findings=findings)


def _judge_trailing(path: Path, trailing_bytes: int) -> tuple[Finding, ...]:
    """Whole records after the last promised one contradict the header; anything else is ignored aloud."""
    with path.open("rb") as file:
        file.seek(-trailing_bytes, 2)
        tail = file.read(STL_TRIANGLE_BYTES)
    if trailing_bytes % STL_TRIANGLE_BYTES == 0 and any(tail):
        surplus = trailing_bytes // STL_TRIANGLE_BYTES
        message = f"the file holds {surplus} more triangles than its header says"
        raise CadUnreadable(message)
    return (
        Finding(
            code="trailing-bytes",
            severity="warning",
            message=f"{trailing_bytes} bytes after the last triangle were ignored.",
            fix="Export the part again; a clean STL file ends with its last triangle.",
            value=trailing_bytes,
            unit="bytes",
        ),
    )


def _read_ascii(data: bytes, limits: ReadLimits) -> MeshPart:
    text = data.removeprefix(BOM).lower().replace(b"\r", b"\n")
    _check_blocks(text)
    body = _BLOCK_LINES.sub(b" ", text)
    facets = _count_facets(body)
    check_count(facets, limits)
    triangles, origin_mm = from_corners(_parse_numbers(body, facets).reshape(facets, 4, 3)[:, 1:, :])
    return MeshPart(format="stl", triangles=triangles, origin_mm=origin_mm)


def _check_blocks(text: bytes) -> None:
    """Every ``solid`` needs its ``endsolid`` and nothing may follow: otherwise the file was cut."""
    kinds = [bool(match.group(1)) for match in _BLOCK_LINES.finditer(text)]
    if kinds != [False, True] * (len(kinds) // 2):
        raise CadUnreadable("the file ends before its last endsolid")


def _count_facets(body: bytes) -> int:
    """The number of facets, once every keyword occurs as often as that number asks for."""
    facets = body.count(b"endfacet")
    ends = {b"facet": body.count(b"endfacet"), b"loop": body.count(b"endloop")}
    for word, times in _PER_FACET.items():
        if body.count(word) - ends.get(word, 0) != times * facets:
            message = f'the keyword "{word.decode()}" is missing or superfluous'
            raise CadUnreadable(message)
    return facets


def _parse_numbers(body: bytes, facets: int) -> Corners:
    for word in _WORDS:
        body = body.replace(word, b" ")
    return floats(body, facets * _NUMBERS_PER_FACET)
