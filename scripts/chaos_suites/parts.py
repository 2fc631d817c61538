"""Parts to measure: the demo files and some of our own, and how to make the same part a new content."""

import random

from scripts.chaos_suites.traffic import box_stl
from scripts.chaos_suites.written_parts import written_parts
from scripts.local.venv import ROOT

DEMO = ROOT / "app" / "files" / "demo"
OPEN = "open.stl"
HEAD_BYTES = 80
"""The comment at the start of a binary STL."""
ASCII_BOX = """solid chaos
facet normal 0 0 1
 outer loop
  vertex 0 0 5
  vertex 10 0 5
  vertex 0 10 5
 endloop
endfacet
facet normal 0 0 -1
 outer loop
  vertex 0 0 0
  vertex 0 10 0
  vertex 10 0 0
 endloop
endfacet
endsolid chaos
"""


def demo_parts() -> dict[str, bytes]:
    """The parts that come with the service, by name."""
    return {
        path.name: path.read_bytes() for path in sorted(DEMO.iterdir()) if path.suffix in {".step", ".stl"}
    }


def made_parts() -> dict[str, bytes]:
    """Meshes of our own: one box, many boxes, an open ASCII surface."""
    return {
        "box.stl": box_stl(10, 20, 30),
        "boxes.stl": box_stl(5, 6, 7, copies=300),
        OPEN: ASCII_BOX.encode(),
    }


def all_parts() -> dict[str, bytes]:
    """Everything above."""
    return {**demo_parts(), **made_parts()}


def every_format() -> dict[str, bytes]:
    """Everything above, and parts in formats that nothing else here is written in."""
    return {**all_parts(), **written_parts()}


def sound_parts() -> dict[str, bytes]:
    """Those that can be measured."""
    return {name: content for name, content in all_parts().items() if name != OPEN}


def is_step(content: bytes) -> bool:
    """Whether it is an exchange file (ISO 10303-21)."""
    return content.lstrip()[:13] == b"ISO-10303-21;"


def is_obj(content: bytes) -> bool:
    """Whether it begins as our OBJ part does."""
    return content.startswith(b"# a block")


def is_dxf(content: bytes) -> bool:
    """Whether it is a drawing in text."""
    return b"SECTION" in content[:40]


def is_package(content: bytes) -> bool:
    """Whether it may be opened as a ZIP archive."""
    return content.startswith(b"PK")


def renewed(content: bytes, dice: random.Random) -> bytes:
    """The same part as a content nobody has measured before: a comment differs."""
    number = f"{dice.getrandbits(64):016x}".encode()
    if is_step(content):
        return content.rstrip() + b"\n/* " + number + b" */\n"
    if content.startswith(b"solid"):
        return content.replace(b"chaos", b"chaos " + number)
    return (b"chaos " + number).ljust(HEAD_BYTES, b" ") + content[HEAD_BYTES:]
