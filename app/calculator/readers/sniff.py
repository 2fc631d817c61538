"""What a file is, by its content; needs no geometry library, so the service itself may ask."""

import struct
from math import isfinite
from typing import BinaryIO

from app.contract.geometry import PartFormat

HEAD_BYTES = 4096
BINARY_STL_HEADER_BYTES = 84
BINARY_STL_RECORD_BYTES = 50

_PLAUSIBLE = (1e-12, 1e12)
_STEP_MAGIC = b"ISO-10303-21"
_OTHER_MAGICS = (b"PK\x03\x04", b"\x89PNG", b"%PDF", b"glTF", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")


def sniff(file: BinaryIO) -> PartFormat | None:
    """The format of an open file, or ``None`` when no reader knows it. Leaves the file at its start."""
    size_bytes = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return sniff_bytes(head, size_bytes)


def sniff_bytes(head: bytes, size_bytes: int) -> PartFormat | None:
    """The format by the first bytes and the size of the whole."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_STEP_MAGIC):
        return "step"
    if is_framed_binary_stl(head, size_bytes) or is_ascii_stl(head) or _is_damaged_binary_stl(head):
        return "stl"
    return None


def binary_stl_count(head: bytes) -> int:
    """How many triangles the header of a binary STL promises."""
    return int(struct.unpack_from("<I", head, 80)[0])


def is_framed_binary_stl(head: bytes, size_bytes: int) -> bool:
    """The promised triangles fill the file exactly. Ask this first: binary headers may say "solid" too."""
    if size_bytes < BINARY_STL_HEADER_BYTES:
        return False
    return size_bytes == BINARY_STL_HEADER_BYTES + BINARY_STL_RECORD_BYTES * binary_stl_count(head)


def is_ascii_stl(head: bytes) -> bool:
    """Starts with ``solid`` and goes on with facets or ends at once."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith(b"solid") and (b"facet" in text or b"endsolid" in text) and b"\x00" not in text


def _is_damaged_binary_stl(head: bytes) -> bool:
    """The frame does not fit, but the first record holds numbers as a drawing would."""
    if len(head) < BINARY_STL_HEADER_BYTES + BINARY_STL_RECORD_BYTES or head.startswith(_OTHER_MAGICS):
        return False
    numbers = struct.unpack_from("<12f", head, BINARY_STL_HEADER_BYTES)
    low, high = _PLAUSIBLE
    return all(isfinite(number) and (number == 0 or low < abs(number) < high) for number in numbers)
