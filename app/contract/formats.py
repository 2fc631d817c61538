"""What a file is, told by its content; its name never decides."""

import re

from app.contract.geometry import PartFormat

HEAD_BYTES = 4096
TAIL_BYTES = 64 * 1024 + 256
"""The end record of a ZIP archive, its longest comment, and the directory of an ordinary 3MF before it."""

STL_HEADER_BYTES = 84
STL_TRIANGLE_BYTES = 50
BOM = b"\xef\xbb\xbf"
ASCII_STL = re.compile(rb"solid\b.{0,600}?\b(facet\s+normal|endsolid)\b", re.DOTALL | re.IGNORECASE)
BINARY_DXF = b"AutoCAD Binary DXF\r\n\x1a\x00"
READABLE = "STEP, STL, OBJ, 3MF or DXF"

_DXF = re.compile(rb"(?:[ \t]*999[ \t]*\r?\n[^\n]*\n)*[ \t]*0[ \t]*\r?\n[ \t]*SECTION[ \t]*\r?(?:\n|$)")
_OBJ_VERTEX = re.compile(rb"v(?:[ \t]+[-+.0-9eE]+){3,}[ \t]*$")
_OBJ_WORDS = frozenset(
    b"v vt vn vp f fo o g s l p mg mtllib usemtl usemap maplib shadow_obj trace_obj lod bevel c_interp "
    b"d_interp cstype deg bmat step curv curv2 surf parm trim hole scrv sp end con ctech stech".split()
)
_ZIP_FIRST = re.compile(
    rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels/|/?3D/|Metadata/)", re.DOTALL | re.IGNORECASE
)
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22


def sniff(head: bytes, tail: bytes, size_bytes: int) -> PartFormat | None:
    """The format of a file from its first ``HEAD_BYTES``, its last ``TAIL_BYTES`` and its size.

    ``None`` when it is none of ours. STEP: ``ISO-10303-21;`` after blanks or a byte order mark
    (ISO 10303-21, 4.1). DXF: its first section, after comments. 3MF: a ZIP archive with a model in its
    directory. ASCII STL begins with ``solid`` and soon holds a facet. OBJ: nothing but its own statements, a
    vertex among them. Anything else of at least a header and whose size is what the header's count announces,
    or whose header at least leaves room for triangles, is binary STL.
    """
    start = head.removeprefix(BOM).lstrip()
    if start.upper().startswith(b"ISO-10303-21;"):
        return "step"
    if head.startswith(BINARY_DXF) or _DXF.match(start):
        return "dxf"
    if _is_3mf(head, tail):
        return "3mf"
    if _is_binary_stl(head, size_bytes) or ASCII_STL.match(start):
        return "stl"
    if _is_obj(head, size_bytes):
        return "obj"
    return "stl" if _may_be_binary_stl(head, size_bytes) else None


def sniff_content(content: bytes) -> PartFormat | None:
    """The format of bytes at hand."""
    return sniff(content[:HEAD_BYTES], content[-TAIL_BYTES:], len(content))


def zip_directory(tail: bytes) -> bytes | None:
    """The directory of a ZIP archive as far as its last bytes hold it; ``None`` when there is none."""
    end = tail.rfind(_ZIP_END)
    if end < 0 or len(tail) - end < _ZIP_END_BYTES:
        return None
    directory_bytes = int.from_bytes(tail[end + 12 : end + 16], "little")
    return tail[max(0, end - directory_bytes) : end]


def _is_3mf(head: bytes, tail: bytes) -> bool:
    """An archive with a model; a cut one that begins like a 3MF is left to the reader to refuse."""
    if not head.startswith(b"PK\x03\x04"):
        return False
    directory = zip_directory(tail)
    return bool(_ZIP_FIRST.match(head)) if directory is None else b".model" in directory.lower()


def _is_obj(head: bytes, size_bytes: int) -> bool:
    lines = head.removeprefix(BOM).replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").splitlines()
    if len(head) < size_bytes:
        lines = lines[:-1]
    said = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(b"#")]
    return all(line.split()[0] in _OBJ_WORDS for line in said) and any(
        _OBJ_VERTEX.match(line) for line in said
    )


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
