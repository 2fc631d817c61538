"""What a file is, told by its content; its name never decides."""

import re

from app.contract.geometry import PartFormat

HEAD_BYTES = 1024
STL_HEADER_BYTES = 84
STL_TRIANGLE_BYTES = 50
BOM = b"\xef\xbb\xbf"
ASCII_STL = re.compile(rb"solid\b.{0,600}?\b(facet\s+normal|endsolid)\b", re.DOTALL | re.IGNORECASE)


def sniff(head: bytes, size_bytes: int) -> PartFormat | None:
    """The format of a file from its first kilobyte and its size; ``None`` when it is none of ours.

    STEP: ``ISO-10303-21;`` after blanks or a byte order mark (ISO 10303-21, 4.1). ASCII STL begins
    with ``solid`` and soon holds a facet; anything else of at least a header and whose size is what the
    header's count announces, or whose header at least leaves room for triangles, is binary STL.
    """
    start = head.removeprefix(BOM).lstrip()
    if start.upper().startswith(b"ISO-10303-21;"):
        return "step"
    if ASCII_STL.match(start) and not _is_binary_stl(head, size_bytes):
        return "stl"
    return "stl" if _is_binary_stl(head, size_bytes) or _may_be_binary_stl(head, size_bytes) else None


def _is_binary_stl(head: bytes, size_bytes: int) -> bool:
    if size_bytes < STL_HEADER_BYTES:
        return False
    triangles = int.from_bytes(head[80:84], "little")
    return size_bytes == STL_HEADER_BYTES + STL_TRIANGLE_BYTES * triangles


def _may_be_binary_stl(head: bytes, size_bytes: int) -> bool:
    """A cut, padded or miscounted binary STL: such a file is stored and refused by the analysis.

    The two attribute bytes behind the first triangles are zero in every STL that is only geometry.
    """
    if size_bytes < STL_HEADER_BYTES + STL_TRIANGLE_BYTES or head[:80].startswith(KNOWN_OTHERS):
        return False
    records = range(STL_HEADER_BYTES, min(len(head), size_bytes) - STL_TRIANGLE_BYTES + 1, STL_TRIANGLE_BYTES)
    attributes = [head[start + 48 : start + 50] for start in records]
    is_text = all(byte in PRINTABLE for byte in head)
    return not is_text and bool(attributes) and all(bytes_ == b"\x00\x00" for bytes_ in attributes)


KNOWN_OTHERS = (
    b"PK\x03\x04",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"glTF",
    b"Rar!",
    b"\x1f\x8b",
    b"MZ",
)
PRINTABLE = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
